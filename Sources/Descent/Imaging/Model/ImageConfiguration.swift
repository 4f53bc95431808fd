public import DescentCore

/// How an image model is made and trained; the defaults suit small images on a processor.
public struct ImageConfiguration: Sendable, Hashable, Codable {
  /// nil chooses by the shape of the images.
  public var network: ImageNetwork?
  /// At most so many passes over the training images; nil makes 20, and more where there are fewer than 2,000 images.
  public var epochs: Int?
  /// Training ends after so many seconds.
  public var seconds: Double?
  /// nil chooses by the number of training images: 32 below 5,000, else 64.
  public var batchSize: Int?
  /// The highest learning rate, reached after the first steps; it falls to 0 along a cosine over the epochs, or stays
  /// where `seconds` are given without `epochs`.
  public var learningRate = 2e-3
  /// Decoupled weight decay (AdamW) of the weights, not of biases.
  public var weightDecay = 0.05
  /// What matrix products and convolutions multiply while training; predictions are computed in float32.
  public var precision = Precision.float32
  /// nil takes small shifts, `Augmentation.cautious`.
  public var augmentation: Augmentation?
  /// Training stops after so many epochs without a lower validation loss.
  public var patience = 8
  /// The shares of the images for validation and for the final test, where the data do not keep them apart themselves.
  public var validationShare = 0.1
  public var testShare = 0.2
  /// What the split, the initial weights, the order of the images and the augmentation follow from.
  public var seed: UInt64 = 0

  public init() {}

  func check() throws(ImageModelError) {
    let problems: [ConfigurationProblem?] = [
      .ofShares(validation: validationShare, test: testShare, of: "images"),
      .outsideCounts(["epochs": [epochs], "patience": [patience], "batchSize": [batchSize]]),
      .outside(.above0, ["learningRate": [learningRate]]),
      .outside(.seconds, ["seconds": [seconds]]),
      .outside(.atLeast0, ["weightDecay": [weightDecay]]),
    ]
    for case let problem? in problems { throw .configuration(problem) }
  }

  /// Whether training has a number of epochs, along which the learning rate falls, rather than a time alone.
  package var hasKnownEnd: Bool { seconds == nil || epochs != nil }

  /// The batch size for a number of training images.
  public func batchSize(forImages count: Int) -> Int { batchSize ?? (count < 5_000 ? 32 : 64) }

  /// The number of epochs for a number of training images.
  public func epochs(forImages count: Int) -> Int {
    if let epochs { return epochs }
    return seconds == nil ? min(200, max(20, 40_000 / max(count, 1))) : 10_000
  }
}
