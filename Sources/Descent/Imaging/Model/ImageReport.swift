/// What was understood of images before training on them.
public struct ImagePlan: Sendable {
  public let source: String
  public let form: ImageData.Form
  public let shape: ImageShape
  public let shapeExplanation: String
  public let classes: [String]
  /// How many images of each class there are, those of validation and test included.
  public let classCounts: [Int]
  public let otherFileCount: Int
  /// The images that are equal to others, of all parts; nil for files, all of which would have to be read for it.
  public let equalImages: EqualImages?
  public let trainingCount: Int
  public let validationCount: Int
  public let testCount: Int
  /// Whether the test images are kept apart in the data; else they were drawn.
  public let hasOwnTest: Bool
  public let hasOwnValidation: Bool
  public let network: ImageNetwork
  public let parameterCount: Int
  public let augmentation: Augmentation
  public let batchSize: Int
  public let epochs: Int
  public let configuration: ImageConfiguration

  init(
    _ data: ImageData, _ parts: ImageParts, _ configuration: ImageConfiguration, _ network: ImageNetwork,
    parameterCount: Int
  ) {
    source = data.path
    form = data.form
    shape = data.training.shape
    shapeExplanation = data.shapeExplanation
    classes = data.training.classes
    var counts = [Int](repeating: 0, count: classes.count)
    for label in parts.training.labels + parts.validation.labels + parts.test.labels { counts[label] += 1 }
    classCounts = counts
    otherFileCount = data.otherFileCount
    equalImages = EqualImages(inMemory: [parts.training, parts.validation, parts.test])
    trainingCount = parts.training.count
    validationCount = parts.validation.count
    testCount = parts.test.count
    hasOwnTest = data.test != nil
    hasOwnValidation = data.validation != nil
    self.network = network
    self.parameterCount = parameterCount
    augmentation = configuration.augmentation ?? .cautious(height: shape.height, width: shape.width)
    batchSize = min(configuration.batchSize(forImages: parts.training.count), parts.training.count)
    epochs = configuration.epochs(forImages: parts.training.count)
    self.configuration = configuration
  }
}

/// What training gave, beside the model.
public struct ImageReport: Sendable {
  public let plan: ImagePlan
  public let history: History
  /// Whether it was asked to stop before its time.
  public let wasCancelled: Bool
  /// Whether the seconds it was given ended it.
  public let wasOutOfTime: Bool
  public let test: ImageTest
  /// What the network says of the test images.
  public let testImages: ImageSet
  public let testProbabilities: [[Double]]
}

/// The scores on the test images, which nothing was fitted to, of the network and of what it has to beat.
public struct ImageTest: Sendable, Hashable, Codable {
  public let imageCount: Int
  public let network: TabularScores
  /// Least squares with a penalty on the pixels, one-hot.
  public let ridge: TabularScores
  /// The class whose mean image is nearest.
  public let nearestMean: TabularScores
  /// The most frequent class.
  public let majority: TabularScores
}

/// What training reports while it runs.
public enum ImageEvent: Sendable {
  case planned(ImagePlan)
  case progressed(Progress)
  case trained(History, wasCancelled: Bool, wasOutOfTime: Bool)
}

/// Where an image model came from: all that is needed to make it again, and how good it was.
public struct ImageProvenance: Sendable, Hashable, Codable {
  public let library: String
  public let source: TabularProvenance.Source
  public let configuration: ImageConfiguration
  public let network: ImageNetwork
  public let augmentation: Augmentation
  public let trainingImages: Int
  public let validationImages: Int
  public let epochs: Int
  public let bestEpoch: Int
  public let test: ImageTest

  init(_ data: ImageData, _ plan: ImagePlan, _ history: History, test: ImageTest) {
    library = "Descent \(descentVersion)"
    source = data.source
    configuration = plan.configuration
    network = plan.network
    augmentation = plan.augmentation
    trainingImages = plan.trainingCount
    validationImages = plan.validationCount
    epochs = history.epochs.count
    bestEpoch = history.bestEpoch
    self.test = test
  }
}
