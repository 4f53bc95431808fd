import Descent
import Testing

/// What needs libjpeg-turbo is skipped where that is not installed.
struct JPEGTests {
  @Test(.enabled(if: TurboJPEG.shared != nil), arguments: ImageFixtures.jpegs)
  func pixelsAreThoseOfOtherReaders(_ fixture: ImageFixtures.Case) throws {
    let image = try Image(bytes: fixture.bytes, name: "f")
    #expect(image.height == fixture.height && image.width == fixture.width && image.channels == fixture.channels)
    // Decoders may differ by how they round.
    let largest = zip(image.pixels, fixture.pixels).map { abs(Int($0) - Int($1)) }.max()
    #expect(try #require(largest) <= 3)
  }

  @Test(arguments: ImageFixtures.jpegs)
  func headersAreReadWithoutTheLibrary(_ fixture: ImageFixtures.Case) throws {
    let header = try ImageHeader(bytes: fixture.bytes, name: "f")
    #expect(header.height == fixture.height && header.width == fixture.width && header.channels == fixture.channels)
  }

  @Test func whereTheLibraryIsAbsentItSaysWhatToInstall() {
    #expect(TurboJPEG(names: ["libnowhere-at-all.so"]) == nil)
    let error = #expect(throws: ModelFileError.self) {
      try Image(jpegBytes: ImageFixtures.jpegs[0].bytes, name: "f", library: nil)
    }
    #expect(
      error?.description
        == "f: JPEG files are read by libjpeg-turbo, which is not installed; on Debian and Ubuntu it is the package "
        + "libturbojpeg0 or libturbojpeg, on Fedora turbojpeg, with Homebrew jpeg-turbo.")
  }

  /// A start, and the header of a frame.
  private static func frame(
    _ height: UInt16, _ width: UInt16, bits: UInt8 = 8, components: UInt8 = 3, marker: UInt8 = 0xC0
  ) -> [UInt8] {
    [0xFF, 0xD8, 0xFF, marker, 0, 17, bits] + PackedBytes.big(height) + PackedBytes.big(width) + [components]
      + [1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]
  }

  // MARK: - Orientation

  /// A segment with a camera's notes, whose only entry is the orientation.
  private static func notes(_ orientation: UInt16, isBigEndian: Bool) -> [UInt8] {
    func bytes<I: FixedWidthInteger>(_ value: I) -> [UInt8] {
      isBigEndian ? PackedBytes.big(value) : PackedBytes.little(value)
    }
    let entry = bytes(UInt16(0x0112)) + bytes(UInt16(3)) + bytes(UInt32(1)) + bytes(orientation) + bytes(UInt16(0))
    let text =
      Array("Exif".utf8) + [0, 0] + Array((isBigEndian ? "MM" : "II").utf8) + bytes(UInt16(42)) + bytes(UInt32(8))
      + bytes(UInt16(1)) + entry + bytes(UInt32(0))
    return [0xFF, 0xE1] + PackedBytes.big(UInt16(text.count + 2)) + text
  }

  /// The place in the stored image of 2 rows and 3 columns of what is seen in a row and a column, by the words of the
  /// standard: where its first row and its first column are seen.
  private static let turns: [(value: UInt16, place: @Sendable (_ row: Int, _ column: Int) -> (row: Int, column: Int))] =
    [
      (1, { ($0, $1) }),  // top, left
      (2, { ($0, 2 - $1) }),  // top, right
      (3, { (1 - $0, 2 - $1) }),  // bottom, right
      (4, { (1 - $0, $1) }),  // bottom, left
      (5, { ($1, $0) }),  // left, top
      (6, { (1 - $1, $0) }),  // right, top
      (7, { (1 - $1, 2 - $0) }),  // right, bottom
      (8, { ($1, 2 - $0) }),  // left, bottom
    ]

  @Test(arguments: turns.indices)
  func imagesAreTurned(_ index: Int) throws {
    let (value, place) = Self.turns[index]
    let stored = Image(height: 2, width: 3, channels: 3, pixels: Array(0..<18))
    let image = stored.seen(try #require(ImageOrientation(rawValue: UInt8(value))))
    #expect([image.height, image.width] == (value < 5 ? [2, 3] : [3, 2]))
    for row in 0..<image.height {
      for column in 0..<image.width {
        let (oldRow, oldColumn) = place(row, column)
        let (new, old) = ((row * image.width + column) * 3, (oldRow * 3 + oldColumn) * 3)
        #expect(image.pixels[new..<new + 3] == stored.pixels[old..<old + 3])
      }
    }
  }

  @Test(arguments: [true, false])
  func notesOfTheOrientationAreRead(isBigEndian: Bool) throws {
    for value in UInt16(0)...9 {
      let bytes = Self.frame(2, 3).inserting(Self.notes(value, isBigEndian: isBigEndian), at: 2)
      let header = try ImageHeader(bytes: bytes, name: "f")
      #expect([header.height, header.width] == (5...8 ~= value ? [3, 2] : [2, 3]), "\(value)")
    }
  }

  @Test(.enabled(if: TurboJPEG.shared != nil), arguments: ImageFixtures.jpegs)
  func filesAreSeenAsTheirNotesSay(_ fixture: ImageFixtures.Case) throws {
    let stored = try Image(bytes: fixture.bytes, name: "f")
    for orientation in ImageOrientation.allCases {
      let notes = Self.notes(UInt16(orientation.rawValue), isBigEndian: true)
      #expect(try Image(bytes: fixture.bytes.inserting(notes, at: 2), name: "f") == stored.seen(orientation))
    }
  }

  /// Notes that cannot be understood leave the image as it is stored.
  @Test func damagedNotesSayNothing() {
    let notes = Self.notes(6, isBigEndian: false)
    let content = Array(notes[4...])
    withDamaged(content) { damaged, _ in
      let segment = [0xFF, 0xE1] + PackedBytes.big(UInt16(damaged.count + 2)) + damaged
      let header = survived { () throws(ModelFileError) in
        try ImageHeader(bytes: Self.frame(2, 3).inserting(segment, at: 2), name: "f")
      }
      #expect(header.map { [[2, 3], [3, 2]].contains([$0.height, $0.width]) } == true)
    }
    // More entries than there are, none of them the orientation; and a directory beyond the end.
    var (crowded, distant) = (content, content)
    crowded.replaceSubrange(14..<17, with: [0xFF, 0xFF, 0])
    distant.replaceSubrange(10..<14, with: [0xFF, 0xFF, 0xFF, 0xFF])
    for damaged in [crowded, distant] {
      let segment = [0xFF, 0xE1] + PackedBytes.big(UInt16(damaged.count + 2)) + damaged
      let header = try? ImageHeader(bytes: Self.frame(2, 3).inserting(segment, at: 2), name: "f")
      #expect(header.map { [$0.height, $0.width] } == [2, 3])
    }
  }

  @Test func theFirstNotesCount() throws {
    let twice = Self.notes(1, isBigEndian: true) + Self.notes(6, isBigEndian: true)
    #expect(try ImageHeader(bytes: Self.frame(2, 3).inserting(twice, at: 2), name: "f").height == 2)
  }

  // MARK: - Errors

  private static let refused: [RefusedBytes] = [
    RefusedBytes(
      "endless filling", [0xFF, 0xD8] + [UInt8](repeating: 0xFF, count: 1 << 17),
      "expected the header of a JPEG file's pixels among its first 65536 segments, found none"),
    RefusedBytes("the start alone", [0xFF, 0xD8], "the JPEG file ends before its pixels"),
    RefusedBytes(
      "no segment", [0xFF, 0xD8, 1, 2, 3, 4], "expected a segment of a JPEG file at byte 2, found 0x01"),
    RefusedBytes(
      "pixels at once", [0xFF, 0xD8, 0xFF, 0xDA, 0, 2],
      "expected the header of a JPEG file's pixels, found the marker 0xDA"),
    RefusedBytes(
      "a segment without length", [0xFF, 0xD8, 0xFF, 0xE0, 0, 0],
      "a segment of 0 bytes goes beyond the end of the JPEG file"),
    RefusedBytes(
      "a segment too long", [0xFF, 0xD8, 0xFF, 0xE0, 1, 0],
      "a segment of 256 bytes goes beyond the end of the JPEG file"),
    RefusedBytes(
      "a short frame", [0xFF, 0xD8, 0xFF, 0xC0, 0, 4, 8, 0],
      "expected at least 8 bytes in the header of the pixels, found 4"),
    RefusedBytes("no rows", frame(0, 5), "expected an image with pixels, found 5 × 0"),
    RefusedBytes(
      "gigantic", frame(.max, .max), "expected an image of at most 268435456 pixels, found 65535 × 65535"),
    RefusedBytes(
      "12 bits", frame(4, 4, bits: 12), "expected a JPEG of grey or RGB in 8 bits, found 3 channels of 12 bits"),
    RefusedBytes(
      "four inks", frame(4, 4, components: 4), "expected a JPEG of grey or RGB in 8 bits, found 4 channels of 8 bits"),
  ]

  @Test(arguments: refused)
  func isRefused(_ row: RefusedBytes) {
    let error = #expect(throws: ModelFileError.self) { try ImageHeader(bytes: row.bytes, name: "f") }
    #expect(error?.description == row.message)
  }

  @Test(.enabled(if: TurboJPEG.shared != nil))
  func whatCannotBeMeantIsRefusedBeforeMemoryIsTaken() {
    let error = #expect(throws: ModelFileError.self) { try Image(bytes: Self.frame(16000, 16000), name: "f") }
    #expect(
      error?.description
        == "f: expected 768000000 bytes for its pixels, but 21 packed bytes would become 768000000, more than 200 times as "
        + "many; unpack it with another tool if you trust it.")
  }

  /// The format has no checksums: a flipped bit may be another image, but never more than an error otherwise.
  @Test(.enabled(if: TurboJPEG.shared != nil), arguments: ImageFixtures.jpegs)
  func damageIsRefusedOrAnotherImage(_ fixture: ImageFixtures.Case) {
    var refused = 0
    withDamaged(fixture.bytes) { damaged, isTruncated in
      let image = survived { () throws(ModelFileError) in try Image(bytes: damaged, name: "f") }
      if image == nil { refused += 1 }
      // The last two bytes mark the end.
      if isTruncated && damaged.count < fixture.bytes.count - 2 { #expect(image == nil, "\(damaged.count) bytes") }
    }
    #expect(refused > fixture.bytes.count)
  }
}

extension [UInt8] {
  fileprivate func inserting(_ bytes: [UInt8], at place: Int) -> [UInt8] {
    Array(self[..<place]) + bytes + Array(self[place...])
  }
}
