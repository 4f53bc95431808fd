extension ImageOrientation {
  private static let start = Array("Exif".utf8) + [0, 0]
  private static let tag = 0x0112
  /// The type of numbers of two bytes.
  private static let short = 3

  /// What a camera's notes, a segment APP1 of a JPEG file without its marker and length, say of the orientation.
  ///
  /// nil where they are something else or say nothing that can be understood: notes may be cut off or wrong, and the
  /// image is none the worse (CIPA DC-008, 4.6; TIFF 6.0, section 2).
  init?(exif bytes: [UInt8]) {
    guard bytes.starts(with: Self.start) else { return nil }
    let notes = TIFFNumbers(Array(bytes[Self.start.count...]))
    guard let notes, notes.number(at: 2, size: 2) == 42, let directory = notes.number(at: 4, size: 4),
      let count = notes.number(at: directory, size: 2)
    else { return nil }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = notes.number(at: place, size: 2) else { return nil }
      guard tag == Self.tag else { continue }
      guard notes.number(at: place + 2, size: 2) == Self.short, notes.number(at: place + 4, size: 4) == 1,
        let value = notes.number(at: place + 8, size: 2)
      else { return nil }
      self.init(rawValue: UInt8(clamping: value))
      return
    }
    return nil
  }
}

/// The bytes of a TIFF file, whose first two say in which order those of a number are.
private struct TIFFNumbers {
  private let bytes: [UInt8]
  private let isBigEndian: Bool

  init?(_ bytes: [UInt8]) {
    switch bytes.prefix(2) {
    case [0x4D, 0x4D]: isBigEndian = true
    case [0x49, 0x49]: isBigEndian = false
    default: return nil
    }
    self.bytes = bytes
  }

  /// The number in so many bytes, four at most; nil where they are not all there.
  func number(at place: Int, size: Int) -> Int? {
    guard place <= bytes.count - size else { return nil }
    let range = bytes[place..<place + size]
    return Int(bigEndian(isBigEndian ? Array(range) : range.reversed()))
  }
}
