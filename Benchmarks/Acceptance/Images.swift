import Descent

/// How a network is trained on the images of a folder, and the accuracy it should reach on the test images.
struct ImageRecipe {
  let name: String
  /// The folder with the IDX files, below that of all data.
  let folder: String
  /// The least accuracy wanted of the network after the last epoch.
  let wanted: Double
  /// The longest training that is wanted, in seconds on two cores.
  var wantedSeconds: Double?
  /// The most parameters wanted.
  var wantedParameters: Int?
  var epochs: Int
  var batchSize = 128
  /// The highest learning rate of AdamW; it rises over the first epoch and falls to 0 along half a cosine.
  var learningRate = 3e-3
  var weightDecay = 0.05
  var labelSmoothing = 0.0
  var augmentation = Augmentation.none
  let make: @Sendable () -> Sequential
}

let imageRecipes: [ImageRecipe] = [
  ImageRecipe(name: "mnist-perceptron", folder: "mnist", wanted: 0.984, epochs: 12, learningRate: 2e-3) {
    Sequential {
      Flatten()
      Dense(784, 256, initializer: .heUniform)
      ReLU()
      Dropout(0.2)
      Dense(256, 256, initializer: .heUniform)
      ReLU()
      Dropout(0.2)
      Dense(256, 10)
    }
  },
  ImageRecipe(name: "mnist-lenet", folder: "mnist", wanted: 0.991, wantedSeconds: 180, epochs: 10) { .leNet5() },
  ImageRecipe(
    name: "mnist-best", folder: "mnist", wanted: 0.995, epochs: 16, labelSmoothing: 0.1,
    augmentation: Augmentation(.shift(pixels: 2), .rotate(degrees: 10))
  ) { .resNet(image: [28, 28, 1], classes: 10, widths: [16, 32, 64], blocks: [1, 1, 1], shortcut: .zeros) },
  ImageRecipe(
    name: "fashion-small", folder: "fashion-mnist", wanted: 0.925, wantedParameters: 100_000, epochs: 30,
    labelSmoothing: 0.1, augmentation: Augmentation(.shift(pixels: 2), .flipHorizontally())
  ) { .resNet(image: [28, 28, 1], classes: 10, widths: [16, 32, 64], blocks: [1, 1, 1], shortcut: .zeros) },
  ImageRecipe(
    name: "fashion-best", folder: "fashion-mnist", wanted: 0.935, epochs: 20, labelSmoothing: 0.1,
    augmentation: Augmentation(.shift(pixels: 2), .flipHorizontally())
  ) { .resNet(image: [28, 28, 1], classes: 10, widths: [32, 64, 128], blocks: [1, 1, 1]) },
]

/// Trains by the recipe and measures on the test images, which nothing was chosen by.
func follow(_ recipe: ImageRecipe, _ shared: String, seed: UInt64 = 0) throws -> [Claim] {
  let folder = "\(shared)/\(recipe.folder)"
  func images(_ part: LabelledImages.Part) throws -> ImageSet {
    let read = try LabelledImages(idxFolder: folder, part)
    return try ImageSet(read.images, labels: read.labels, name: "\(folder), \(part)")
  }
  let (known, unseen) = (try images(.training), try images(.test))
  let rules = try ImageNormalization(fitting: known)
  let train = known.dataset(rules, augmentation: recipe.augmentation, seed: seed)
  let model = withSeed(seed, recipe.make)
  let steps = (train.count + recipe.batchSize - 1) / recipe.batchSize
  let time = try seconds {
    try model.fit(
      train, loss: .softmaxCrossEntropy(labelSmoothing: recipe.labelSmoothing),
      optimizer: .adamW(
        learningRate: .warmUp(steps, then: .cosine(recipe.learningRate, period: steps * (recipe.epochs - 1))),
        weightDecay: recipe.weightDecay),
      epochs: recipe.epochs, batchSize: recipe.batchSize, seed: seed
    ) { say("  \($0)") }
  }
  let accuracy = try model.evaluate(unseen.dataset(rules), .accuracy)["accuracy"] ?? .nan
  var claims = [Claim.atLeast(recipe.wanted, "\(recipe.name), seed \(seed), accuracy on the test images", [accuracy])]
  if let wanted = recipe.wantedSeconds { claims.append(.atMost(wanted, "\(recipe.name), seconds", [time])) }
  if let wanted = recipe.wantedParameters {
    claims.append(.atMost(Double(wanted), "\(recipe.name), parameters", [Double(model.parameterCount)]))
  }
  return claims
}
