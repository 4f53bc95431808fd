import Descent
import Foundation

/// Images that a network can tell apart after a few steps: bright above, or bright below, with noise.
enum Bars {
  static func image(_ index: Int, side: Int = 8, channels: Int = 1) -> Image {
    var random = RandomSource(UInt64(index))
    let pixels = (0..<side * side * channels).map { place -> UInt8 in
      let isUpper = place < side * side * channels / 2
      let noise = UInt8(random.next() % 60)
      return (isUpper ? label(index) == 0 : label(index) == 1) ? 150 + noise : noise
    }
    return Image(height: side, width: side, channels: channels, pixels: pixels)
  }

  static func label(_ index: Int) -> Int { index % 2 }

  static let classes = ["above", "below"]

  /// Images and labels in memory.
  static func set(_ count: Int, side: Int = 8, channels: Int = 1) throws -> ImageSet {
    let images = (0..<count).map { image($0, side: side, channels: channels) }
    return try ImageSet(
      Tensor(images.flatMap { $0.pixels.map { Int32($0) } }, shape: [count, side, side, channels]).cast(to: .uint8),
      labels: Tensor((0..<count).map { Int32(label($0)) }), classes: classes, name: "bars")
  }

  /// Writes PNG files into the folders of their classes.
  static func write(_ indices: Range<Int>, to folder: String, side: Int = 8, channels: Int = 1) throws {
    for name in classes {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for index in indices {
      try image(index, side: side, channels: channels)
        .write(png: "\(folder)/\(classes[label(index)])/\(index + 100).png")
    }
  }
}
