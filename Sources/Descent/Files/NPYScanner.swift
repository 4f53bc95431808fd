/// Reads the dictionary in the header of a `.npy` file, which is a literal of Python with three known entries.
struct NPYScanner: PieceReader {
  let bytes: [UInt8]
  var position = 0
  private let stream: ByteStream

  init(_ bytes: [UInt8], _ stream: ByteStream) {
    self.bytes = bytes
    self.stream = stream
  }

  /// `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, in any order.
  mutating func fields() throws(ModelFileError) -> (descr: String, isFortranOrder: Bool, shape: [UInt64]) {
    var descr: String?
    var isFortranOrder: Bool?
    var shape: [UInt64]?
    try take("{", or: "a dictionary")
    while !takeIfPresent("}") {
      let key = try string("a name in quotes")
      try take(":", or: "a colon")
      let isRepeated: Bool
      switch key {
      case "descr":
        isRepeated = descr != nil
        descr = try type()
      case "fortran_order":
        isRepeated = isFortranOrder != nil
        isFortranOrder = try truthValue()
      case "shape":
        isRepeated = shape != nil
        shape = try extents()
      default: throw stream.failure("expected only 'descr', 'fortran_order' and 'shape', found \(quoted(key))")
      }
      if isRepeated { throw stream.failure("\(quoted(key)) appears twice in the header") }
      if takeIfPresent(",") { continue }
      try take("}", or: "a comma or the closing brace")
      break
    }
    skipSpace()
    guard position == bytes.count else { throw failure("the end of the header") }
    guard let descr, let isFortranOrder, let shape else {
      let missing = descr == nil ? "descr" : isFortranOrder == nil ? "fortran_order" : "shape"
      throw stream.failure("expected '\(missing)' in the header, which is not there")
    }
    return (descr, isFortranOrder, shape)
  }

  private mutating func type() throws(ModelFileError) -> String {
    skipSpace()
    if position < bytes.count && bytes[position] == UInt8(ascii: "[") {
      throw stream.failure("expected numbers of one type, found records of several fields; save each field by itself")
    }
    return try string("a type in quotes")
  }

  private mutating func string(_ what: String) throws(ModelFileError) -> String {
    skipSpace()
    guard position < bytes.count, case let quote = bytes[position],
      quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    else { throw failure(what) }
    let start = position + 1
    guard let end = bytes[start...].firstIndex(of: quote) else {
      position = bytes.count
      throw failure("a closing quote")
    }
    if let escape = bytes[start..<end].firstIndex(of: UInt8(ascii: "\\")) {
      position = escape
      throw failure("no escape sequences in quotes")
    }
    position = end + 1
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private mutating func truthValue() throws(ModelFileError) -> Bool {
    skipSpace()
    for value in [true, false] {
      let word = (value ? "True" : "False").utf8
      guard bytes[position...].starts(with: word) else { continue }
      position += word.count
      return value
    }
    throw failure("True or False")
  }

  /// `()`, `(3,)`, `(2, 3)`
  private mutating func extents() throws(ModelFileError) -> [UInt64] {
    try take("(", or: "a tuple of extents")
    var extents: [UInt64] = []
    while !takeIfPresent(")") {
      guard extents.count < mostAxes else { throw failure("at most \(mostAxes) extents") }
      extents.append(try extent())
      if takeIfPresent(",") { continue }
      // One number in parentheses is no tuple.
      guard extents.count > 1, takeIfPresent(")") else {
        throw failure(extents.count > 1 ? "a comma or the closing parenthesis" : "a comma")
      }
      break
    }
    return extents
  }

  private mutating func extent() throws(ModelFileError) -> UInt64 {
    skipSpace()
    let start = position
    while position < bytes.count, 0x30..<0x3A ~= bytes[position] { position += 1 }
    guard position > start else { throw failure("a whole number") }
    guard let value = UInt64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      position = start
      throw failure("a number below 2^64")
    }
    // Python 2 wrote long integers so.
    if position < bytes.count && bytes[position] == UInt8(ascii: "L") { position += 1 }
    return value
  }

  func failure(_ expected: String, at offset: Int? = nil) -> ModelFileError {
    stream.failure(headerProblem(expected, at: offset))
  }
}
