import Descent
import Foundation

/// Files with the pixels that other programs read from them.
struct ImageFixtures: Decodable {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let name: String
    let file: Data
    let height, width, channels: Int
    let pixels: Data

    var description: String { name }
    var isJPEG: Bool { name.hasPrefix("JPEG") }
    var bytes: [UInt8] { Array(file) }
  }

  struct Source: Decodable {
    let height, width, channels: Int
    let pixels, gray: Data
  }

  struct Resized: Decodable {
    let height, width: Int
    let pixels: Data
  }

  /// Every colour type of PNG in every depth, with and without interlacing, in rows of different filters; files as
  /// Pillow 13 writes them; and JPEG files.
  let cases: [Case]
  let source: Source
  /// The source in other sizes, by Pillow's bilinear filter.
  let resized: [Resized]

  static let all: ImageFixtures = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/images.json")
    do {
      return try JSONDecoder().decode(ImageFixtures.self, from: Data(contentsOf: file.standardized))
    } catch {
      fatalError("\(file.standardized.path): \(error)")
    }
  }()

  static var pngs: [Case] { all.cases.filter { !$0.isJPEG } }
  static var jpegs: [Case] { all.cases.filter(\.isJPEG) }
}
