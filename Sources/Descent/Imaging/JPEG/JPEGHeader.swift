/// What the frame header of a JPEG file says (ITU-T T.81, B.2.2), found among the segments before the pixels.
func jpegHeader(_ source: ModelFileSource) throws(ModelFileError) -> ImageHeader {
  func failure(_ problem: String) -> ModelFileError { ModelFileError(source.name, problem) }
  var position = 2
  while true {
    guard source.byteCount - position >= 4 else { throw failure("the JPEG file ends before its pixels") }
    let head = try source.read(position..<position + 4)
    guard head[0] == 0xFF else {
      throw failure("expected a segment of a JPEG file at byte \(position), found \(hexadecimal(head[0]))")
    }
    let marker = head[1]
    if marker == 0xFF {  // fill
      position += 1
      continue
    }
    guard marker >= 0xC0 && !(0xD0...0xDA ~= marker) else {
      throw failure("expected the header of a JPEG file's pixels, found the marker \(hexadecimal(marker))")
    }
    let length = Int(head[2]) << 8 | Int(head[3])
    guard length >= 2 && length <= source.byteCount - position - 2 else {
      throw failure("a segment of \(counted(length, "byte")) goes beyond the end of the JPEG file")
    }
    // Frames have the markers from 0xC0 to 0xCF but those of the tables and of what is reserved.
    if marker <= 0xCF && ![0xC4, 0xC8, 0xCC].contains(marker) {
      guard length >= 8 else { throw failure("expected at least 8 bytes in the header of the pixels, found \(length)") }
      let frame = try source.read(position + 4..<position + 10)
      let (height, width) = (Int(bigEndian(frame[1..<3])), Int(bigEndian(frame[3..<5])))
      try ImageFormat.check(height: height, width: width, source)
      guard frame[0] == 8 && (frame[5] == 1 || frame[5] == 3) else {
        throw failure(
          "expected a JPEG of grey or RGB in 8 bits, found \(counted(Int(frame[5]), "channel")) of \(frame[0]) bits")
      }
      return ImageHeader(height: height, width: width, channels: Int(frame[5]))
    }
    position += 2 + length
  }
}
