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

  private static let refused: [RefusedBytes] = [
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
