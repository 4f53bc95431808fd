/// What the frame header of a JPEG file says (ITU-T T.81, B.2.2), found among the segments before the pixels.
struct JPEGHeader {
  /// As the pixels are stored.
  let height: Int
  let width: Int
  let channels: Int
  /// What a camera noted of how it was held; upright where there is no such note.
  let orientation: ImageOrientation

  /// As the image is seen.
  var seen: ImageHeader {
    orientation.transposes
      ? ImageHeader(height: width, width: height, channels: channels)
      : ImageHeader(height: height, width: width, channels: channels)
  }

  /// Files have some tens of segments; each costs a look into the file.
  private static let mostSegments = 1 << 16

  init(_ source: ModelFileSource) throws(ModelFileError) {
    var position = 2
    var orientation: ImageOrientation?
    for _ in 0..<Self.mostSegments {
      let segment = try JPEGSegment(source, at: position)
      position = segment.end
      if segment.isNotes && orientation == nil {
        orientation = ImageOrientation(exif: try source.read(segment.data))
      }
      guard segment.isFrame else { continue }
      let frame = try segment.frame(source)
      self.init(
        height: frame.height, width: frame.width, channels: frame.channels, orientation: orientation ?? .upright)
      return
    }
    throw ModelFileError(
      source.name,
      "expected the header of a JPEG file's pixels among its first \(Self.mostSegments) segments, found none")
  }

  private init(height: Int, width: Int, channels: Int, orientation: ImageOrientation) {
    self.height = height
    self.width = width
    self.channels = channels
    self.orientation = orientation
  }
}

/// A marker of a JPEG file and the bytes that belong to it.
private struct JPEGSegment {
  private let marker: UInt8
  /// Empty for a byte that only fills.
  let data: Range<Int>

  var end: Int { data.upperBound }
  /// Frames have the markers from 0xC0 to 0xCF but those of the tables and of what is reserved.
  var isFrame: Bool { 0xC0...0xCF ~= marker && ![0xC4, 0xC8, 0xCC].contains(marker) }
  /// Whether it is APP1, where cameras write.
  var isNotes: Bool { marker == 0xE1 }

  init(_ source: ModelFileSource, at position: Int) throws(ModelFileError) {
    func failure(_ problem: String) -> ModelFileError { ModelFileError(source.name, problem) }
    guard source.byteCount - position >= 4 else { throw failure("the JPEG file ends before its pixels") }
    let head = try source.read(position..<position + 4)
    guard head[0] == 0xFF else {
      throw failure("expected a segment of a JPEG file at byte \(position), found \(hexadecimal(head[0]))")
    }
    marker = head[1]
    if marker == 0xFF {  // fill
      data = position + 1..<position + 1
      return
    }
    guard marker >= 0xC0 && !(0xD0...0xDA ~= marker) else {
      throw failure("expected the header of a JPEG file's pixels, found the marker \(hexadecimal(marker))")
    }
    let length = Int(bigEndian(head[2...]))
    guard length >= 2 && length <= source.byteCount - position - 2 else {
      throw failure("a segment of \(counted(length, "byte")) goes beyond the end of the JPEG file")
    }
    data = position + 4..<position + 2 + length
  }

  /// What a frame says of its pixels.
  func frame(_ source: ModelFileSource) throws(ModelFileError) -> (height: Int, width: Int, channels: Int) {
    guard data.count >= 6 else {
      throw ModelFileError(
        source.name, "expected at least 8 bytes in the header of the pixels, found \(data.count + 2)")
    }
    let frame = try source.read(data.lowerBound..<data.lowerBound + 6)
    let (height, width) = (Int(bigEndian(frame[1..<3])), Int(bigEndian(frame[3..<5])))
    try ImageFormat.check(height: height, width: width, source)
    guard frame[0] == 8 && (frame[5] == 1 || frame[5] == 3) else {
      throw ModelFileError(
        source.name,
        "expected a JPEG of grey or RGB in 8 bits, found \(counted(Int(frame[5]), "channel")) of \(frame[0]) bits")
    }
    return (height, width, Int(frame[5]))
  }
}
