/// Reads JSON piece by piece (RFC 8259, restricted to what the formats that Descent reads may contain).
///
/// It does not recurse, so nothing in a file can exhaust the stack, and it reads every byte once.
struct JSONScanner<Failure: Error>: PieceReader {
  let bytes: [UInt8]
  /// The offset of the byte that is read next.
  var position = 0
  private let makeFailure: (_ scanner: JSONScanner<Failure>, _ expected: String, _ offset: Int) -> Failure

  /// - Parameter failure: Makes an error of what was expected at an offset.
  init(
    _ bytes: [UInt8],
    failure: @escaping (_ scanner: JSONScanner<Failure>, _ expected: String, _ offset: Int) -> Failure
  ) {
    self.bytes = bytes
    makeFailure = failure
  }

  /// `{"name": member, …}`; `member` reads what stands behind the colon.
  mutating func object(
    _ what: String, _ member: (inout JSONScanner<Failure>, String) throws(Failure) -> Void
  ) throws(Failure) {
    try take("{", or: what)
    if takeIfPresent("}") { return }
    repeat {
      let name = try name()
      try take(":", or: "a colon")
      try member(&self, name)
    } while takeIfPresent(",")
    try take("}", or: "a comma or the closing brace")
  }

  /// `[element, …]`; `element` reads one.
  mutating func list(
    _ what: String, _ element: (inout JSONScanner<Failure>) throws(Failure) -> Void
  ) throws(Failure) {
    try take("[", or: what)
    if takeIfPresent("]") { return }
    repeat { try element(&self) } while takeIfPresent(",")
    try take("]", or: "a comma or the closing bracket")
  }

  /// `[1, 2, …]`, at most `limit` of them.
  mutating func integers(_ what: String, limit: Int) throws(Failure) -> [UInt64] {
    var values: [UInt64] = []
    try list(what) { (scanner) throws(Failure) in
      guard values.count < limit else { throw scanner.failure("at most \(limit) numbers in a list") }
      values.append(try scanner.integer())
    }
    return values
  }

  /// A text that is looked up among others.
  private mutating func name() throws(Failure) -> String {
    let start = position
    let name = try string("a name in quotes")
    guard CombiningMarks.areFew(in: name) else {
      throw failure("a name with at most \(CombiningMarks.most) marks on a character", at: start)
    }
    return name
  }

  mutating func string(_ what: String) throws(Failure) -> String {
    try take("\"", or: what)
    var unescaped: [UInt8] = []
    var start = position
    while true {
      guard position < bytes.count else { throw failure("a closing quote") }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        defer { position += 1 }
        if unescaped.isEmpty { return String(decoding: bytes[start..<position], as: UTF8.self) }
        unescaped += bytes[start..<position]
        return String(decoding: unescaped, as: UTF8.self)
      case UInt8(ascii: "\\"):
        unescaped += bytes[start..<position]
        position += 1
        unescaped += String(try escapedScalar()).utf8
        start = position
      case 0..<0x20: throw failure("no control characters in quotes")
      default: position += 1
      }
    }
  }

  /// Only white space may follow.
  mutating func finish(_ text: String) throws(Failure) {
    skipSpace()
    guard position == bytes.count else { throw failure("the end of \(text)") }
  }

  // MARK: - Pieces

  mutating func integer() throws(Failure) -> UInt64 {
    skipSpace()
    let start = position
    var value: UInt64 = 0
    while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
      let (shifted, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, carries) = shifted.addingReportingOverflow(UInt64(digit))
      guard !overflows && !carries else { throw failure("a number below 2^64", at: start) }
      value = sum
      position += 1
    }
    guard position > start else { throw failure("a whole number") }
    if position - start > 1 && bytes[start] == UInt8(ascii: "0") {
      throw failure("a number without leading zeros", at: start)
    }
    return value
  }

  private mutating func escapedScalar() throws(Failure) -> Unicode.Scalar {
    guard position < bytes.count else { throw failure("a character after the backslash") }
    position += 1
    switch bytes[position - 1] {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try codeUnits()
    default: throw failure("an escape sequence of JSON", at: position - 2)
    }
  }

  private mutating func codeUnits() throws(Failure) -> Unicode.Scalar {
    let start = position - 2
    let first = try fourDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, position + 2 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { throw failure("surrogates in pairs", at: start) }
    position += 2
    let second = try fourDigits()
    guard 0xDC00...0xDFFF ~= second, let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw failure("surrogates in pairs", at: start) }
    return scalar
  }

  private mutating func fourDigits() throws(Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw failure("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  func failure(_ expected: String, at offset: Int? = nil) -> Failure { makeFailure(self, expected, offset ?? position) }
}

/// A byte as messages write it: `0x0A`.
func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0x0" : "0x") + String(byte, radix: 16, uppercase: true)
}
