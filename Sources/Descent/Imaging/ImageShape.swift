/// The one size and number of channels that all images of a set are brought to.
public struct ImageShape: Sendable, Hashable, Codable, CustomStringConvertible {
  public let height: Int
  public let width: Int
  /// 1 for grey, 3 for colours.
  public let channels: Int

  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The numbers of an image.
  public var count: Int { height * width * channels }
  /// As the axes of a tensor.
  public var axes: [Int] { [height, width, channels] }

  /// `28 × 28 × 1`
  public var description: String { "\(height) × \(width) × \(channels)" }

  /// Whether a network can be made for it: nothing is 0 and nothing absurdly large, as numbers in a file can be.
  var isPlausible: Bool {
    (1...Self.mostSide).contains(height) && (1...Self.mostSide).contains(width) && [1, 3].contains(channels)
      && count <= Self.mostNumbers
  }

  static let mostSide = 1 << 14
  /// What an image, and what a layer makes of it, may come to: a quarter of a gigabyte.
  static let mostNumbers = 1 << 26
}

/// How the shape of the images in a folder was found.
public struct ImageShapeDecision: Sendable, Hashable {
  public let shape: ImageShape
  /// One sentence.
  public let explanation: String

  /// How many files are looked into.
  private static let mostFiles = 1000
  /// The longer side that images are shrunk to if they are all of one size, and the side if they are not.
  private static let longest = 128
  private static let square = 64

  /// Looks into files spread evenly over the folder: up to 1,000, or all.
  ///
  /// Images of one size keep it, or are shrunk to 128 pixels on their longer side. Others become squares, with the
  /// median of the shorter sides but at most 64 pixels. There is one channel if all are grey, else three.
  ///
  /// - Parameter size: The height and the width, if they are not left to be chosen.
  public init(of folder: ImageFolder, size: (height: Int, width: Int)? = nil) throws(ModelFileError) {
    try self.init(of: folder, size: size, passesOverDamage: false)
  }

  /// - Parameter passesOverDamage: Whether files that are not images say nothing, unless none is one.
  init(
    of folder: ImageFolder, size: (height: Int, width: Int)?, passesOverDamage: Bool
  ) throws(ModelFileError) {
    let count = min(folder.count, Self.mostFiles)
    var headers: [ImageHeader] = []
    for index in 0..<count {
      do {
        headers.append(try ImageHeader(contentsOf: folder.file(index * folder.count / count)))
      } catch {
        guard passesOverDamage && (!headers.isEmpty || index < count - 1) else { throw error }
      }
    }
    let first = headers[0]
    let channels = headers.allSatisfy { $0.channels == 1 } ? 1 : 3
    let isOneSize = headers.allSatisfy { $0.height == first.height && $0.width == first.width }
    let found =
      isOneSize
      ? "the images are \(first.height) × \(first.width) pixels"
      : "the images are of \(Set(headers.map { [$0.height, $0.width] }).count) sizes"
    let (height, width): (Int, Int)
    let why: String
    if let size {
      (height, width) = size
      why = "as asked"
    } else if isOneSize {
      let scale = min(1, Double(Self.longest) / Double(max(first.height, first.width)))
      height = max(1, Int((Double(first.height) * scale).rounded()))
      width = max(1, Int((Double(first.width) * scale).rounded()))
      why = scale < 1 ? "shrunk to \(Self.longest) on the longer side" : "kept"
    } else {
      let sides = headers.map { min($0.height, $0.width) }.sorted()
      height = min(Self.square, sides[sides.count / 2])
      width = height
      why = "a square with the median of their shorter sides, at most \(Self.square)"
    }
    shape = ImageShape(height: height, width: width, channels: channels)
    let looked = count < folder.count ? ", by \(count) of them" : ""
    explanation =
      "\(found) in \(channels == 1 ? "grey" : "colours")\(looked); they are seen as \(height) × \(width) (\(why))."
  }
}
