/// What reading every image of a data set shows: their pixels, those that are equal, and the files that cannot be read.
public struct ImageSurvey: Sendable {
  /// Mean and standard deviation of the samples / 255 of each channel, over all images that can be read; nil if none can.
  public let pixels: ImageNormalization?
  /// What is wrong with each image that cannot be read, in the order of the sets.
  public let damaged: [ModelFileError]
  public let equal: EqualImages

  /// Reads all images of all parts, one after the other.
  public init(of data: ImageData) {
    var counts = PixelCounts(channels: data.training.shape.channels)
    var damaged: [ModelFileError] = []
    var pixels = [UInt8](repeating: 0, count: data.training.shape.count)
    let sets = [data.training, data.validation, data.test].compactMap(\.self)
    var prints = sets.map { [EqualImages.Print?](repeating: nil, count: $0.count) }
    for (part, set) in sets.enumerated() {
      for position in 0..<set.count {
        do {
          try pixels.withUnsafeMutableBufferPointer { (pixels) throws(ModelFileError) in
            try set.read(position, into: pixels)
            counts.add(UnsafeBufferPointer(pixels))
            prints[part][position] = EqualImages.Print(UnsafeBufferPointer(pixels))
          }
        } catch {
          damaged.append(error)
        }
      }
    }
    self.pixels = counts.normalization
    self.damaged = damaged
    equal = EqualImages(sets, prints: prints)
  }
}

/// How often each value of a sample occurs in each channel; exact, whatever the order of the images.
struct PixelCounts {
  private let channels: Int
  private var counts: [Int]

  init(channels: Int) {
    self.channels = channels
    counts = [Int](repeating: 0, count: channels * 256)
  }

  mutating func add(_ pixels: UnsafeBufferPointer<UInt8>) {
    counts.withUnsafeMutableBufferPointer { counts in
      for start in stride(from: 0, to: pixels.count, by: channels) {
        for channel in 0..<channels { counts[channel << 8 | Int(pixels[start + channel])] += 1 }
      }
    }
  }

  /// Mean and standard deviation of each channel, 1 for a plain one; nil without pixels.
  var normalization: ImageNormalization? {
    let total = Double(counts[..<256].reduce(0, +))
    guard total > 0 else { return nil }
    var (means, deviations): ([Double], [Double]) = ([], [])
    for channel in 0..<channels {
      let ofChannel = (0..<256).map { (value: Double($0) / 255, count: Double(counts[channel << 8 | $0])) }
      let mean = ofChannel.reduce(0) { $0 + $1.value * $1.count } / total
      let variance = ofChannel.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) * $1.count } / total
      means.append(mean)
      deviations.append(variance > 0 ? variance.squareRoot() : 1)
    }
    return ImageNormalization(means: means, deviations: deviations)
  }
}
