/// The bytes of a stretch of a file in order: as they lie there, or what they unpack to.
final class ByteStream {
  private let source: ModelFileSource
  private let tensor: String?
  private let packedCount: Int
  /// How many bytes there are to read in all, where that is known.
  private let byteCount: Int?
  private let checksum: UInt32?
  private let inflater: Inflater?
  /// What is not yet read of the stretch.
  private var rest: Range<Int>
  private var isAtEnd = false
  private var readCount = 0
  private var checksumSoFar: UInt32 = 0

  /// The bytes of a whole file; if it begins as gzip files do, those that it unpacks to.
  init(_ source: ModelFileSource) throws(ModelFileError) {
    let start = try source.read(0..<min(2, source.byteCount))
    let isPacked = start == Self.gzipStart
    self.source = source
    tensor = nil
    rest = 0..<source.byteCount
    packedCount = source.byteCount
    byteCount = isPacked ? nil : source.byteCount
    checksum = nil
    inflater = isPacked ? Inflater(.gzip) : nil
  }

  /// The bytes of a stretch of a file as they lie there.
  init(_ source: ModelFileSource, _ place: Range<Int>, tensor: String) {
    self.source = source
    self.tensor = tensor
    rest = place
    packedCount = place.count
    byteCount = place.count
    checksum = nil
    inflater = nil
  }

  /// The bytes of a member of an archive.
  init(_ source: ModelFileSource, _ member: ZipMember, tensor: String) {
    self.source = source
    self.tensor = tensor
    rest = member.place
    packedCount = member.place.count
    byteCount = member.byteCount
    checksum = member.checksum
    inflater = member.isDeflated ? Inflater(.none) : nil
  }

  private static let gzipStart: [UInt8] = [0x1F, 0x8B]

  func failure(_ problem: String) -> ModelFileError { ModelFileError(source.name, tensor: tensor, problem) }

  // MARK: - Reading

  /// The next bytes: as many as are asked for, or fewer where the stream ends.
  func read(_ count: Int) throws(ModelFileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = try bytes.withUnsafeMutableBufferPointer { (target) throws(ModelFileError) in
      try read(into: UnsafeMutableRawBufferPointer(target))
    }
    return Array(bytes[..<found])
  }

  /// Fills the target as far as there are bytes and says how far.
  func read(into target: UnsafeMutableRawBufferPointer) throws(ModelFileError) -> Int {
    let count: Int
    if let inflater { count = try unpack(inflater, into: target) } else { count = try copy(into: target) }
    if checksum != nil {
      checksumSoFar = crc32(UnsafeRawBufferPointer(rebasing: target[..<count]), after: checksumSoFar)
    }
    readCount += count
    return count
  }

  /// Makes sure that nothing follows and that what was read is what was written.
  func finish() throws(ModelFileError) {
    let count = readCount
    guard try read(1).isEmpty else { throw failure("expected the end after \(counted(count, "byte")), found more") }
    if let checksum, checksumSoFar != checksum {
      throw failure("the bytes do not have the checksum that is stored with them, so they are damaged")
    }
  }

  private func copy(into target: UnsafeMutableRawBufferPointer) throws(ModelFileError) -> Int {
    let count = min(target.count, rest.count)
    let next = rest.lowerBound..<rest.lowerBound + count
    try source.read(next, into: UnsafeMutableRawBufferPointer(rebasing: target[..<count]))
    rest = next.upperBound..<rest.upperBound
    return count
  }

  private func unpack(
    _ inflater: Inflater, into target: UnsafeMutableRawBufferPointer
  ) throws(ModelFileError) -> Int {
    var done = 0
    while done < target.count && !isAtEnd {
      if inflater.unused.isEmpty {
        try inflater.take { (buffer) throws(ModelFileError) in try copy(into: buffer) }
      }
      let hasInput = !inflater.unused.isEmpty
      let piece = try piece(inflater, into: UnsafeMutableRawBufferPointer(rebasing: target[done...]))
      done += piece.count
      if piece.isAtEnd {
        try endPacked(inflater)
      } else if !hasInput && piece.count == 0 {
        throw failure("the packed bytes end too early")
      }
    }
    return done
  }

  private func piece(
    _ inflater: Inflater, into target: UnsafeMutableRawBufferPointer
  ) throws(ModelFileError) -> (count: Int, isAtEnd: Bool) {
    do {
      return try inflater.unpack(into: target)
    } catch {
      throw failure("the packed bytes are damaged (\(error.reason))")
    }
  }

  /// Nothing may follow packed bytes but, in a file of its own, further ones.
  private func endPacked(_ inflater: Inflater) throws(ModelFileError) {
    let left = inflater.unused.count + rest.count
    if inflater.unused.isEmpty {
      try inflater.take { (buffer) throws(ModelFileError) in try copy(into: buffer) }
    }
    isAtEnd = left == 0
    guard left > 0 else { return }
    guard byteCount == nil, inflater.unused.first == Self.gzipStart[0] else {
      throw failure("expected the end after the packed bytes, found \(counted(left, "byte")) more")
    }
    inflater.restart()
  }
}

extension ByteStream {
  /// What unpacks to no more than this may do so from ever so few bytes.
  private static let freeByteCount = 1 << 28
  /// Beyond it, so many bytes from one are taken for an attack.
  static let plausibleExpansion = 200

  /// Whether what takes `packedCount` bytes may take `count` in memory.
  static func isPlausible(_ count: Int, from packedCount: Int) -> Bool {
    count <= freeByteCount || count / plausibleExpansion <= packedCount
  }

  /// Refuses a number of bytes that packed ones cannot or should not unpack to, before memory is taken for it.
  static func expansionProblem(of packedCount: Int, to count: Int) -> String? {
    if count / Inflater.mostExpansion > packedCount {
      return "\(counted(packedCount, "packed byte")) cannot be \(count) when unpacked"
    }
    return implausibility(of: packedCount, to: count)
  }

  /// Refuses a number of bytes that packed ones, of whatever format, should not unpack to.
  static func implausibility(of packedCount: Int, to count: Int) -> String? {
    isPlausible(count, from: packedCount)
      ? nil
      : "\(counted(packedCount, "packed byte")) would become \(count), more than \(plausibleExpansion) times as many; "
        + "unpack it with another tool if you trust it"
  }

  /// Makes sure, as far as can be known in advance, that `count` bytes are what follows to the end.
  func expect(_ count: Int, _ what: String) throws(ModelFileError) {
    if let byteCount {
      guard count == byteCount - readCount else {
        throw failure("expected \(counted(count, "byte")) for \(what), found \(byteCount - readCount)")
      }
    } else if let problem = Self.expansionProblem(of: packedCount, to: count) {
      throw failure("expected \(counted(count, "byte")) for \(what), but \(problem)")
    }
  }
}
