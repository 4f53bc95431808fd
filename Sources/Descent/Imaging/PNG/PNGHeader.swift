/// What the first chunk of a PNG file says (ISO/IEC 15948, 11.2.2).
struct PNGHeader {
  enum Color: UInt8 {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    var isGray: Bool { self == .gray || self == .grayAlpha }

    /// The samples of a pixel in the file.
    var samples: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }

    var depths: [Int] {
      switch self {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .grayAlpha, .rgba: [8, 16]
      }
    }
  }

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  let height: Int
  let width: Int
  /// The bits of a sample.
  let depth: Int
  let color: Color
  let isInterlaced: Bool

  /// Reads the signature and the first chunk.
  init(_ source: ModelFileSource) throws(ModelFileError) {
    let chunk = try PNGChunk(source, at: Self.signature.count)
    guard chunk.type == .header else {
      throw ModelFileError(source.name, "expected a PNG file to begin with the chunk IHDR, found \(chunk.type.text)")
    }
    guard chunk.data.count == 13 else {
      throw ModelFileError(source.name, "expected 13 bytes in the chunk IHDR, found \(chunk.data.count)")
    }
    try chunk.checkSum(source)
    let bytes = try source.read(chunk.data)
    width = Int(bigEndian(bytes[0..<4]))
    height = Int(bigEndian(bytes[4..<8]))
    depth = Int(bytes[8])
    guard let color = Color(rawValue: bytes[9]), color.depths.contains(depth) else {
      throw ModelFileError(
        source.name,
        "expected one of the colour types and bit depths of PNG, found colour type \(bytes[9]) with \(depth) bits")
    }
    self.color = color
    guard bytes[10] == 0 && bytes[11] == 0 && bytes[12] <= 1 else {
      throw ModelFileError(
        source.name,
        "expected compression 0, filter 0 and interlace 0 or 1, found \(bytes[10]), \(bytes[11]) and \(bytes[12])")
    }
    isInterlaced = bytes[12] == 1
    try ImageFormat.check(height: height, width: width, source)
  }

  // MARK: - How the pixels lie in the file

  var bitsPerPixel: Int { depth * color.samples }

  /// Every `columnStep`-th pixel of every `rowStep`-th row; the whole image if it is not interlaced.
  struct Pass {
    let row, column, rowStep, columnStep: Int
    let height, width, rowBytes: Int

    /// With the byte before each row that names its filter.
    var byteCount: Int { height * (1 + rowBytes) }
  }

  /// The passes that hold pixels, in the order of the file.
  var passes: [Pass] {
    let adam7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    return (isInterlaced ? adam7 : [(0, 0, 1, 1)]).compactMap { row, column, rowStep, columnStep in
      let height = (self.height - row + rowStep - 1) / rowStep
      let width = (self.width - column + columnStep - 1) / columnStep
      guard height > 0 && width > 0 else { return nil }
      return Pass(
        row: row, column: column, rowStep: rowStep, columnStep: columnStep, height: height, width: width,
        rowBytes: (width * bitsPerPixel + 7) / 8)
    }
  }
}

/// The number whose bytes are given, the most significant first.
func bigEndian(_ bytes: some Sequence<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
