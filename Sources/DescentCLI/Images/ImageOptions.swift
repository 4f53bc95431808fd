import ArgumentParser
import Descent

/// The options of `descent train` for images, read but for what depends on their shape.
struct ImageOptions {
  enum Change: String, CaseIterable {
    case shift, flip, flipVertically = "flip-vertically", rotate, crop, cutout, brightness, contrast, mixup
  }

  var configuration = ImageConfiguration()
  var size: (height: Int, width: Int)?
  /// nil leaves the choice to the library.
  var changes: [Change]?

  /// The changes in the strengths that are common for small images.
  func augmentation(for shape: ImageShape) -> Augmentation? {
    guard let changes else { return nil }
    let side = min(shape.height, shape.width)
    var result = Augmentation.none
    for change in changes {
      switch change {
      case .shift: result.steps += Augmentation.cautious(height: shape.height, width: shape.width).steps
      case .flip: result.steps.append(.flipHorizontally())
      case .flipVertically: result.steps.append(.flipVertically())
      case .rotate: result.steps.append(.rotate(degrees: 10))
      case .crop: result.steps.append(.crop(share: 0.6))
      case .cutout: result.steps.append(.cutout(side: max(1, side / 4)))
      case .brightness: result.steps.append(.brightness(range: 0.2))
      case .contrast: result.steps.append(.contrast(range: 0.2))
      case .mixup: result.mixup = 0.2
      }
    }
    return result
  }
}

extension TrainCommand {
  /// The options of images.
  func imageOptions() throws -> ImageOptions {
    var result = ImageOptions()
    if let epochs { result.configuration.epochs = try OptionReading("--epochs").whole(epochs, in: 1...1_000_000_000) }
    if let time {
      result.configuration.seconds = try OptionReading("--time").duration(time)
    }
    if let batchSize {
      result.configuration.batchSize = try OptionReading("--batch-size").whole(batchSize, in: 1...1_000_000_000)
    }
    if let learningRate {
      result.configuration.learningRate = try OptionReading("--learning-rate")
        .number(learningRate, in: 1e-12...1000, "a number from 1e-12 to 1000 such as 0.003")
    }
    if let network {
      result.configuration.network = try OptionReading("--network").choice(network, among: ImageNetwork.allCases)
    }
    if let precision {
      result.configuration.precision = try OptionReading("--precision").choice(precision, among: Precision.allCases)
    }
    if let testShare {
      result.configuration.testShare = try OptionReading("--test-share")
        .number(testShare, in: 0.01...0.8, "a share from 0.01 to 0.8")
    }
    if let seed { result.configuration.seed = try OptionReading("--seed").seed(seed) }
    if let size { result.size = try OptionReading("--size").imageSize(size) }
    if noAugment {
      guard augment == nil else { throw ValidationError("Expected --augment or --no-augment, found both.") }
      result.changes = []
    }
    if let augment {
      let changes = try augment.split(separator: ",", omittingEmptySubsequences: false).map {
        try OptionReading("--augment").choice(String($0), among: ImageOptions.Change.allCases)
      }
      // Twice would be a strength of its own for some and nothing for others.
      if let twice = changes.indices.first(where: { changes[..<$0].contains(changes[$0]) }) {
        throw ValidationError("--augment: expected each kind once, found \"\(changes[twice].rawValue)\" twice.")
      }
      result.changes = changes
    }
    return result
  }
}

extension OptionReading {
  fileprivate func imageSize(_ text: String) throws -> (height: Int, width: Int) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(sides.count), sides.allSatisfy({ $0.map { (1...1024).contains($0) } ?? false }) else {
      throw wrong("a size in pixels from 1 to 1024 such as 64, or height and width such as 48x64", text)
    }
    let known = sides.compactMap(\.self)
    return (known[0], known[known.count - 1])
  }
}
