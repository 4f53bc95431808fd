/// An image of 8-bit samples in memory: rows from the top, pixels from the left, channels last.
///
/// ```swift
/// let photo = try Image(contentsOf: "photo.jpg").resized(height: 32, width: 32)
/// try photo.write(png: "small.png")
/// ```
public struct Image: Sendable, Hashable {
  public let height: Int
  public let width: Int
  /// 1: grey, 2: grey and opacity, 3: red, green and blue, 4: these and opacity.
  public let channels: Int
  /// [height, width, channels], row-major.
  public let pixels: [UInt8]

  public init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    guard height > 0 && width > 0 && (1...4).contains(channels) && pixels.count == height * width * channels else {
      fatalError(
        "Image: \(height) × \(width) pixels of \(channels) channels do not make \(counted(pixels.count, "sample"))")
    }
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
  }

  /// Reads a PNG or a JPEG file, whatever its name ends in.
  ///
  /// Samples of 16 bits are rounded to 8, those of fewer are spread over 0 to 255. Of an animation the still image is
  /// read. What a file says of gamma and colour profiles is passed over. JPEG files are read by libjpeg-turbo, which is
  /// looked for when the first is, and turned as their EXIF notes say.
  ///
  /// - Throws: `ModelFileError` if the file is neither, is damaged, has more than 2²⁸ pixels or more than 2²⁰ on a
  ///   side, or becomes more than 256 MiB and more than 200 times its size.
  public init(contentsOf path: String) throws(ModelFileError) {
    try self.init(ModelFileSource(path: path))
  }

  /// Reads the bytes of a PNG or a JPEG file; `name` is what errors call it.
  public init(bytes: [UInt8], name: String) throws(ModelFileError) {
    try self.init(ModelFileSource(bytes: bytes, name: name))
  }

  private init(_ source: ModelFileSource) throws(ModelFileError) {
    switch try ImageFormat(of: source) {
    case .png: try self.init(png: PNGFile(source))
    case .jpeg: try self.init(jpeg: source, library: .shared)
    }
  }

  // MARK: - Channels

  /// The image with one channel, grey, or three, red, green and blue. What is transparent is seen on white; grey is
  /// 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601).
  public func converted(toChannels wanted: Int) -> Image {
    guard wanted == 1 || wanted == 3 else { fatalError("Image: expected 1 or 3 channels to convert to, not \(wanted)") }
    guard wanted != channels else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(height * width * wanted)
    pixels.withUnsafeBufferPointer { pixels in
      for start in stride(from: 0, to: pixels.count, by: channels) {
        let opacity = channels % 2 == 0 ? Int(pixels[start + channels - 1]) : 255
        // On white, rounded to the nearest.
        func seen(_ sample: UInt8) -> Int { (Int(sample) * opacity + 255 * (255 - opacity) + 127) / 255 }
        if channels < 3 {
          result.append(contentsOf: repeatElement(UInt8(seen(pixels[start])), count: wanted))
        } else {
          let (red, green, blue) = (seen(pixels[start]), seen(pixels[start + 1]), seen(pixels[start + 2]))
          if wanted == 3 {
            result += [UInt8(red), UInt8(green), UInt8(blue)]
          } else {
            // The weights in units of 2⁻¹⁶.
            result.append(UInt8((19595 * red + 38470 * green + 7471 * blue + 1 << 15) >> 16))
          }
        }
      }
    }
    return Image(height: height, width: width, channels: wanted, pixels: result)
  }
}

/// What a file of an image says of itself before its pixels: the size as it is seen, turned if a JPEG file says so.
public struct ImageHeader: Sendable, Hashable {
  public let height: Int
  public let width: Int
  /// 1 for shades of grey, 3 for colours; opacity does not count.
  public let channels: Int

  /// Reads the beginning of a PNG or a JPEG file.
  public init(contentsOf path: String) throws(ModelFileError) {
    try self.init(ModelFileSource(path: path))
  }

  /// Reads the beginning of the bytes of a file; `name` is what errors call it.
  public init(bytes: [UInt8], name: String) throws(ModelFileError) {
    try self.init(ModelFileSource(bytes: bytes, name: name))
  }

  private init(_ source: ModelFileSource) throws(ModelFileError) {
    switch try ImageFormat(of: source) {
    case .png:
      let header = try PNGHeader(source)
      self.init(height: header.height, width: header.width, channels: header.color.isGray ? 1 : 3)
    case .jpeg: self = try JPEGHeader(source).seen
    }
  }

  init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }
}

/// The formats of image files, told by how they begin.
enum ImageFormat {
  case png, jpeg

  /// The endings of names of such files, in lower case.
  static let endings = ["png", "jpg", "jpeg"]
  /// Larger files are taken for something else.
  private static let mostBytes = 1 << 30
  private static let mostPixels = 1 << 28
  private static let mostSide = 1 << 20

  init(of source: ModelFileSource) throws(ModelFileError) {
    let start = try source.read(0..<min(12, source.byteCount))
    if start.starts(with: [0xFF, 0xD8]) {
      self = .jpeg
    } else if start.starts(with: PNGHeader.signature) {
      self = .png
    } else {
      throw ModelFileError(source.name, "expected a PNG or a JPEG file, found \(Self.described(start))")
    }
    guard source.byteCount <= Self.mostBytes else {
      throw ModelFileError(
        source.name, "expected an image of at most \(Self.mostBytes) bytes, found \(source.byteCount)")
    }
  }

  /// A file of another kind, by its first 12 bytes: the name of a format that is widespread, or else the bytes.
  private static func described(_ start: [UInt8]) -> String {
    func isThere(_ text: String, at position: Int = 0) -> Bool { start.dropFirst(position).starts(with: text.utf8) }
    if isThere("GIF8") { return "a GIF file" }
    if isThere("RIFF") && isThere("WEBP", at: 8) { return "a WebP file" }
    // Two letters would be little: the four bytes after the size are reserved.
    if isThere("BM") && isThere("\0\0\0\0", at: 6) { return "a BMP file" }
    if isThere("II*\0") || isThere("MM\0*") { return "a TIFF file" }
    if isThere("ftypavif", at: 4) { return "an AVIF file" }
    if ["heic", "heix", "mif1"].contains(where: { isThere("ftyp\($0)", at: 4) }) { return "a HEIF file" }
    guard !start.isEmpty else { return "nothing" }
    return "a file that begins with \(start.prefix(8).map(hexadecimal).joined(separator: " "))"
  }

  /// Refuses an image that is too large to be meant.
  static func check(height: Int, width: Int, _ source: ModelFileSource) throws(ModelFileError) {
    guard height > 0 && width > 0 else {
      throw ModelFileError(source.name, "expected an image with pixels, found \(width) × \(height)")
    }
    guard width <= mostPixels / height else {
      throw ModelFileError(source.name, "expected an image of at most \(mostPixels) pixels, found \(width) × \(height)")
    }
    guard max(width, height) <= mostSide else {
      throw ModelFileError(
        source.name, "expected an image of at most \(mostSide) pixels on a side, found \(width) × \(height)")
    }
  }
}
