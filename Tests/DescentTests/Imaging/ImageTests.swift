import Descent
import Testing

struct ImageTests {
  private static let source: Image = {
    let source = ImageFixtures.all.source
    return Image(height: source.height, width: source.width, channels: source.channels, pixels: Array(source.pixels))
  }()

  @Test func sizesChangeAsByOtherPrograms() throws {
    for expected in ImageFixtures.all.resized {
      let image = Self.source.resized(height: expected.height, width: expected.width)
      #expect(image.height == expected.height && image.width == expected.width && image.channels == 3)
      // Pillow rounds between rows and columns too.
      let largest = zip(image.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }.max()
      #expect(try #require(largest) <= 1, "\(expected.height) × \(expected.width)")
    }
  }

  @Test func aPlainImageStaysPlain() {
    let plain = Image(height: 9, width: 4, channels: 1, pixels: Array(repeating: 255, count: 36))
    #expect(plain.resized(height: 5, width: 17).pixels.allSatisfy { $0 == 255 })
  }

  @Test func coloursBecomeGreyAsByOtherPrograms() {
    #expect(Self.source.converted(toChannels: 1).pixels == Array(ImageFixtures.all.source.gray))
    #expect(Self.source.converted(toChannels: 3) == Self.source)
  }

  @Test func greyBecomesColoursAndOpacityIsSeenOnWhite() {
    let gray = Image(height: 1, width: 2, channels: 1, pixels: [3, 4])
    #expect(gray.converted(toChannels: 3).pixels == [3, 3, 3, 4, 4, 4])
    let clear = Image(height: 1, width: 3, channels: 2, pixels: [10, 255, 10, 0, 10, 51])
    #expect(clear.converted(toChannels: 1).pixels == [10, 255, 206])
    let color = Image(height: 1, width: 1, channels: 4, pixels: [200, 0, 100, 128])
    #expect(color.converted(toChannels: 3).pixels == [227, 127, 177])
    #expect(color.converted(toChannels: 1).pixels == [163])
  }
}
