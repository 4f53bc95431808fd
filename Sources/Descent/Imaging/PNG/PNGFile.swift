/// A PNG file whose chunks are known and whole.
struct PNGFile {
  let source: ModelFileSource
  let header: PNGHeader
  /// Red, green and blue of each colour; empty if there is no palette.
  private(set) var palette: [UInt8] = []
  /// The opacity of each colour of the palette, or the samples of the pixels that are transparent, two bytes each.
  private(set) var transparency: [UInt8]?
  /// Where the packed pixels lie.
  private var packed: [Range<Int>] = []

  init(_ source: ModelFileSource) throws(ModelFileError) {
    self.source = source
    header = try PNGHeader(source)
    var last = try PNGChunk(source, at: PNGHeader.signature.count)
    repeat {
      let chunk = try PNGChunk(source, at: last.end)
      try chunk.checkSum(source)
      try take(chunk, after: last.type)
      last = chunk
    } while last.type != .end
    guard !packed.isEmpty else { throw failure("expected pixels, the chunk IDAT, found none") }
    if header.color == .palette && palette.isEmpty { throw failure("expected a palette, the chunk PLTE, found none") }
  }

  private func failure(_ problem: String) -> ModelFileError { ModelFileError(source.name, problem) }

  private mutating func take(_ chunk: PNGChunk, after last: PNGChunk.Kind) throws(ModelFileError) {
    switch chunk.type {
    case .header: throw failure("expected one chunk IHDR, found another")
    case .palette: try takePalette(chunk)
    case .transparency: try takeTransparency(chunk)
    case .pixels:
      guard packed.isEmpty || last == .pixels else {
        throw failure("expected the chunks IDAT one after the other, found \(last.text) between them")
      }
      packed.append(chunk.data)
    case .end: return
    case let type:
      if type.isCritical { throw failure("the chunk \(type.text), which cannot be left out, is not known") }
    }
  }

  private mutating func takePalette(_ chunk: PNGChunk) throws(ModelFileError) {
    guard palette.isEmpty && packed.isEmpty else { throw failure("expected one chunk PLTE, before the pixels") }
    guard chunk.data.count % 3 == 0 && (3...768).contains(chunk.data.count) else {
      throw failure("expected 1 to 256 colours of three bytes in the chunk PLTE, found \(chunk.data.count) bytes")
    }
    palette = try source.read(chunk.data)
  }

  private mutating func takeTransparency(_ chunk: PNGChunk) throws(ModelFileError) {
    let expected: ClosedRange<Int>
    switch header.color {
    case .palette: expected = 0...palette.count / 3
    case .gray, .rgb: expected = 2 * header.color.samples...2 * header.color.samples
    case .grayAlpha, .rgba: throw failure("expected no chunk tRNS, as every pixel says how opaque it is")
    }
    guard transparency == nil && packed.isEmpty && expected.contains(chunk.data.count) else {
      throw failure(
        "expected one chunk tRNS of at most \(counted(expected.upperBound, "byte")), after the palette and before the "
          + "pixels, found one of \(counted(chunk.data.count, "byte"))")
    }
    transparency = try source.read(chunk.data)
  }

  // MARK: - Unpacking

  /// The rows of all passes, each after the byte that names its filter.
  func unpackedRows() throws(ModelFileError) -> [UInt8] {
    let count = header.passes.reduce(0) { $0 + $1.byteCount }
    if let problem = ByteStream.expansionProblem(of: packed.reduce(0) { $0 + $1.count }, to: count) {
      throw failure("expected \(counted(count, "byte")) for its pixels, but \(problem)")
    }
    var rows = [UInt8](repeating: 0, count: count)
    try rows.withUnsafeMutableBufferPointer { (target) throws(ModelFileError) in
      try unpack(into: UnsafeMutableRawBufferPointer(target))
    }
    return rows
  }

  private func unpack(into target: UnsafeMutableRawBufferPointer) throws(ModelFileError) {
    let inflater = Inflater(.zlib)
    var rest = packed[...]
    var place = 0..<0
    var done = 0
    var isAtEnd = false
    var beyond: UInt8 = 0
    while !isAtEnd {
      if inflater.unused.isEmpty {
        while place.isEmpty, let next = rest.popFirst() { place = next }
        try inflater.take { (buffer) throws(ModelFileError) in
          let count = min(buffer.count, place.count)
          let next = place.lowerBound..<place.lowerBound + count
          try source.read(next, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
          place = next.upperBound..<place.upperBound
          return count
        }
      }
      let hasInput = !inflater.unused.isEmpty
      // Where all pixels are there, the end and the checksum still have to come.
      let isFull = done == target.count
      let piece: (count: Int, isAtEnd: Bool)
      do {
        piece = try withUnsafeMutableBytes(of: &beyond) { (one) throws(Inflater.Damage) in
          try inflater.unpack(into: isFull ? one : UnsafeMutableRawBufferPointer(rebasing: target[done...]))
        }
      } catch {
        throw failure("the packed pixels are damaged (\(error.reason))")
      }
      if isFull && piece.count > 0 { throw failure("there are more pixels than \(header.width) × \(header.height)") }
      done += piece.count
      isAtEnd = piece.isAtEnd
      if !isAtEnd && !hasInput && piece.count == 0 { throw failure("the packed pixels end too early") }
    }
    guard done == target.count else {
      throw failure("there are fewer pixels than \(header.width) × \(header.height)")
    }
  }
}
