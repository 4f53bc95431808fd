/// What is subtracted from the samples of each channel, and what they are divided by: x = (sample / 255 − mean) /
/// deviation.
public struct ImageNormalization: Sendable, Hashable, Codable {
  /// One for each channel.
  public let means: [Double]
  /// One for each channel, above 0.
  public let deviations: [Double]

  public init(means: [Double], deviations: [Double]) {
    self.means = means
    self.deviations = deviations
  }

  /// Larger sets of files are represented by as many of them, spread evenly.
  static let mostFiles = 5000

  /// Means and standard deviations over all pixels of all images; of files over 5,000 at most, spread evenly.
  public init(fitting images: ImageSet) throws(ModelFileError) {
    var counts = PixelCounts(channels: images.shape.channels)
    var pixels = [UInt8](repeating: 0, count: images.shape.count)
    let count = images.isInMemory ? images.count : min(images.count, Self.mostFiles)
    for index in 0..<count {
      try pixels.withUnsafeMutableBufferPointer { (pixels) throws(ModelFileError) in
        try images.read(index * images.count / count, into: pixels)
        counts.add(UnsafeBufferPointer(pixels))
      }
    }
    guard let normalization = counts.normalization else {
      throw ModelFileError(images.name, "expected images to fit a normalisation to, found none")
    }
    self = normalization
  }

  /// What each value of a sample becomes, [channels, 256].
  var table: [Float] {
    zip(means, deviations).flatMap { mean, deviation in (0..<256).map { Float((Double($0) / 255 - mean) / deviation) } }
  }

  /// What is wrong with numbers that were read from a file, for images of a number of channels; nil if nothing is.
  func problem(channels: Int) -> String? {
    let isRight =
      means.count == channels && deviations.count == channels && means.allSatisfy(\.isFinite)
      && deviations.allSatisfy { $0.isFinite && $0 > 0 }
    return isRight ? nil : "expected a mean and a deviation above 0 for each of \(counted(channels, "channel"))"
  }
}
