import Descent
import Testing

struct PNGTests {
  @Test(arguments: ImageFixtures.pngs)
  func pixelsAreThoseOfOtherReaders(_ fixture: ImageFixtures.Case) throws {
    let image = try Image(bytes: fixture.bytes, name: "f")
    #expect(image.height == fixture.height && image.width == fixture.width && image.channels == fixture.channels)
    #expect(image.pixels == Array(fixture.pixels))
    let header = try ImageHeader(bytes: fixture.bytes, name: "f")
    #expect(header.height == fixture.height && header.width == fixture.width)
  }

  @Test(arguments: 1...4)
  func whatIsWrittenIsRead(channels: Int) throws {
    for (height, width) in [(1, 1), (3, 7), (40, 50)] {
      let pixels = (0..<height * width * channels).map { UInt8(truncatingIfNeeded: $0 * $0 / 7 + $0 * channels) }
      let image = Image(height: height, width: width, channels: channels, pixels: pixels)
      let bytes = image.pngBytes()
      #expect(try Image(bytes: bytes, name: "f") == image)
      #expect(image.pngBytes() == bytes)
    }
  }

  @Test func smoothImagesAreWrittenSmall() {
    let pixels = (0..<64).flatMap { row in (0..<64).map { column in UInt8(2 * row + column) } }
    #expect(Image(height: 64, width: 64, channels: 1, pixels: pixels).pngBytes().count < 400)
  }

  @Test func filesAreReadAndWritten() throws {
    try TestFiles.withFolder { folder in
      let image = Image(height: 1, width: 2, channels: 3, pixels: [1, 2, 3, 4, 5, 6])
      try image.write(png: "\(folder)/a.png")
      #expect(try Image(contentsOf: "\(folder)/a.png") == image)
      #expect(try TestFiles.names(in: folder) == ["a.png"])
      let error = #expect(throws: ModelFileError.self) { try image.write(png: "\(folder)/none/a.png") }
      #expect(error?.description.hasPrefix("\(folder)/none/a.png: the file cannot be written (") == true)
    }
  }

  // MARK: - Errors

  /// One pixel of value 7, in chunks that can be replaced.
  private struct Parts {
    var header: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]
    var before: [UInt8] = []
    var packed = Parts.packed([0, 7])
    var after: [UInt8] = []

    var bytes: [UInt8] {
      Parts.signature + Parts.chunk("IHDR", header) + before + Parts.chunk("IDAT", packed) + after
        + Parts.chunk("IEND", [])
    }

    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
      PackedBytes.big(UInt32(data.count)) + type.utf8 + data
        + PackedBytes.big(PackedBytes.checksum(Array(type.utf8) + data))
    }

    /// In the frame of zlib, with its checksum.
    static func packed(_ content: [UInt8]) -> [UInt8] {
      var (low, high): (UInt32, UInt32) = (1, 0)
      for byte in content {
        low = (low + UInt32(byte)) % 65521
        high = (high + low) % 65521
      }
      return [0x78, 0x01] + PackedBytes.storedBlock(content) + PackedBytes.big(high << 16 | low)
    }

    static func with(_ change: (inout Parts) -> Void) -> [UInt8] {
      var parts = Parts()
      change(&parts)
      return parts.bytes
    }
  }

  private static let refused: [RefusedBytes] = {
    let notImage = "expected a PNG or a JPEG file, found "
    func header(_ width: UInt32, _ height: UInt32, _ rest: [UInt8] = [8, 0, 0, 0, 0]) -> [UInt8] {
      PackedBytes.big(width) + PackedBytes.big(height) + rest
    }
    var wrongSum = Parts().bytes
    wrongSum[30] ^= 1
    let tail = Parts.chunk("IEND", []).count
    return [
      RefusedBytes("empty", [], notImage + "nothing"),
      RefusedBytes("text", Array("GIF".utf8), notImage + "a file that begins with 0x47 0x49 0x46"),
      RefusedBytes("GIF", Array("GIF89a".utf8), notImage + "a GIF file"),
      RefusedBytes("WebP", Array("RIFF\u{1}\0\0\0WEBPVP8 ".utf8), notImage + "a WebP file"),
      RefusedBytes("BMP", Array("BM\u{9}\0\0\0\0\0\0\0\u{36}\0".utf8), notImage + "a BMP file"),
      RefusedBytes("TIFF", Array("II*\0\u{8}\0\0\0".utf8), notImage + "a TIFF file"),
      RefusedBytes("TIFF, the other way round", Array("MM\0*\0\0\0\u{8}".utf8), notImage + "a TIFF file"),
      RefusedBytes("HEIF", Array("\0\0\0\u{18}ftypheic".utf8), notImage + "a HEIF file"),
      RefusedBytes("AVIF", Array("\0\0\0\u{18}ftypavif".utf8), notImage + "an AVIF file"),
      RefusedBytes(
        "a sound", Array("RIFF\0\0\0\0WAVE".utf8),
        notImage + "a file that begins with 0x52 0x49 0x46 0x46 0x00 0x00 0x00 0x00"),
      RefusedBytes("the signature alone", Parts.signature, "the PNG file ends too early, before its end is marked"),
      RefusedBytes(
        "no header", Parts.signature + Parts.chunk("IDAT", [0]),
        "expected a PNG file to begin with the chunk IHDR, found IDAT"),
      RefusedBytes(
        "short header", Parts.with { $0.header.removeLast() }, "expected 13 bytes in the chunk IHDR, found 12"),
      RefusedBytes(
        "wrong checksum", wrongSum, "the chunk IHDR does not have the checksum that is stored with it, so it is damaged"
      ),
      RefusedBytes(
        "3 bits", Parts.with { $0.header = header(1, 1, [3, 0, 0, 0, 0]) },
        "expected one of the colour types and bit depths of PNG, found colour type 0 with 3 bits"),
      RefusedBytes(
        "colour type 1", Parts.with { $0.header = header(1, 1, [8, 1, 0, 0, 0]) },
        "expected one of the colour types and bit depths of PNG, found colour type 1 with 8 bits"),
      RefusedBytes(
        "interlace 2", Parts.with { $0.header = header(1, 1, [8, 0, 0, 0, 2]) },
        "expected compression 0, filter 0 and interlace 0 or 1, found 0, 0 and 2"),
      RefusedBytes(
        "no pixels at all", Parts.with { $0.header = header(0, 3) }, "expected an image with pixels, found 0 × 3"),
      RefusedBytes(
        "gigantic", Parts.with { $0.header = header(.max, .max) },
        "expected an image of at most 268435456 pixels, found 4294967295 × 4294967295"),
      RefusedBytes(
        "a line", Parts.with { $0.header = header(1 << 21, 1) },
        "expected an image of at most 1048576 pixels on a side, found 2097152 × 1"),
      RefusedBytes(
        "more than deflate can pack", Parts.with { $0.header = header(16384, 16384) },
        "expected 268451840 bytes for its pixels, but 13 packed bytes cannot be 268451840 when unpacked"),
      RefusedBytes(
        "implausibly well packed",
        Parts.with {
          $0.header = header(16384, 16384, [16, 2, 0, 0, 0])
          $0.packed = [UInt8](repeating: 0, count: 2_000_000)
        },
        "expected 1610629120 bytes for its pixels, but 2000000 packed bytes would become 1610629120, more than 200 times "
          + "as many; unpack it with another tool if you trust it"),
      RefusedBytes("too few pixels", Parts.with { $0.packed = Parts.packed([0]) }, "there are fewer pixels than 1 × 1"),
      RefusedBytes(
        "too many pixels", Parts.with { $0.packed = Parts.packed([0, 1, 2]) }, "there are more pixels than 1 × 1"),
      RefusedBytes(
        "pixels cut off", Parts.with { $0.packed.removeLast() }, "the packed pixels end too early"),
      RefusedBytes(
        "another checksum of pixels", Parts.with { $0.packed[$0.packed.count - 1] ^= 1 },
        "the packed pixels are damaged (incorrect data check)"),
      RefusedBytes(
        "filter 5", Parts.with { $0.packed = Parts.packed([5, 7]) },
        "expected a filter from 0 to 4 for a row of pixels, found 5"),
      RefusedBytes(
        "no IDAT",
        Parts.signature + Parts.chunk("IHDR", Parts().header) + Parts.chunk("IEND", []),
        "expected pixels, the chunk IDAT, found none"),
      RefusedBytes(
        "no end", Array(Parts().bytes.dropLast(tail)), "the PNG file ends too early, before its end is marked"),
      RefusedBytes(
        "a chunk beyond the end",
        Array(Parts().bytes.dropLast(tail)) + [0xFF, 0xFF, 0xFF, 0xFF] + "IEND".utf8 + [0, 0, 0, 0],
        "the chunk IEND of 4294967295 bytes goes beyond the end of the file"),
      RefusedBytes(
        "a name of other bytes", Parts.with { $0.before = [0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0] },
        "expected the name of a chunk in letters at byte 37, found 0x01 0x02 0x03 0x04"),
      RefusedBytes(
        "an unknown critical chunk", Parts.with { $0.before = Parts.chunk("ABCD", []) },
        "the chunk ABCD, which cannot be left out, is not known"),
      RefusedBytes(
        "two headers", Parts.with { $0.before = Parts.chunk("IHDR", $0.header) },
        "expected one chunk IHDR, found another"),
      RefusedBytes(
        "IDAT apart", Parts.with { $0.after = Parts.chunk("teXt", []) + Parts.chunk("IDAT", []) },
        "expected the chunks IDAT one after the other, found teXt between them"),
      RefusedBytes(
        "no palette", Parts.with { $0.header = header(1, 1, [8, 3, 0, 0, 0]) },
        "expected a palette, the chunk PLTE, found none"),
      RefusedBytes(
        "a palette of 4 bytes",
        Parts.with {
          $0.header = header(1, 1, [8, 3, 0, 0, 0])
          $0.before = Parts.chunk("PLTE", [1, 2, 3, 4])
        }, "expected 1 to 256 colours of three bytes in the chunk PLTE, found 4 bytes"),
      RefusedBytes(
        "a palette too late", Parts.with { $0.after = Parts.chunk("PLTE", [1, 2, 3]) },
        "expected one chunk PLTE, before the pixels"),
      RefusedBytes(
        "beyond the palette",
        Parts.with {
          $0.header = header(1, 1, [8, 3, 0, 0, 0])
          $0.before = Parts.chunk("PLTE", [1, 2, 3])
        }, "a pixel has colour 7 of a palette of 1 colour"),
      RefusedBytes(
        "a long tRNS", Parts.with { $0.before = Parts.chunk("tRNS", [0, 1, 2]) },
        "expected one chunk tRNS of at most 2 bytes, after the palette and before the pixels, found one of 3 bytes"),
      RefusedBytes(
        "tRNS beside opacities",
        Parts.with {
          $0.header = header(1, 1, [8, 6, 0, 0, 0])
          $0.before = Parts.chunk("tRNS", [0, 1])
        }, "expected no chunk tRNS, as every pixel says how opaque it is"),
    ]
  }()

  @Test func theWholeOneIsRead() throws {
    #expect(try Image(bytes: Parts().bytes, name: "f") == Image(height: 1, width: 1, channels: 1, pixels: [7]))
    let further = Parts.with { $0.before = Parts.chunk("gAMA", [1, 2, 3, 4]) }
    #expect(try Image(bytes: further + [1, 2, 3], name: "f").pixels == [7])
  }

  @Test(arguments: refused)
  func isRefused(_ row: RefusedBytes) {
    let error = #expect(throws: ModelFileError.self) { try Image(bytes: row.bytes, name: "f") }
    #expect(error?.description == row.message)
  }

  /// Every byte of the file is covered by the signature, a length that must fit, or a checksum.
  @Test(arguments: [0, 7, 21, 29, 33])
  func damageIsRefused(_ index: Int) {
    let bytes = ImageFixtures.pngs[index].bytes
    withDamaged(bytes) { damaged, _ in
      let image = survived { () throws(ModelFileError) in try Image(bytes: damaged, name: "f") }
      #expect(image == nil)
      _ = survived { () throws(ModelFileError) in try ImageHeader(bytes: damaged, name: "f") }
    }
  }
}
