/// Random changes that leave an image's class as it is, so that a network sees another version of it each epoch.
///
/// What becomes of an image follows from the seed, the epoch and the image alone: the same whatever the number of
/// threads, and after an interruption as without.
///
/// ```swift
/// let augmentation = Augmentation(.shift(pixels: 4), .flipHorizontally(), .cutout(side: 8))
/// ```
public struct Augmentation: Sendable, Hashable, Codable {
  public enum Step: Sendable, Hashable, Codable {
    /// Moves the image by up to so many pixels along both axes; what comes in is black. The same as padding the image
    /// and cutting its size out at a random place.
    case shift(pixels: Int)
    /// Mirrors left and right.
    case flipHorizontally(probability: Double = 0.5)
    /// Mirrors top and bottom.
    case flipVertically(probability: Double = 0.5)
    /// Turns the image about its centre by up to so many degrees either way; what comes in is black.
    case rotate(degrees: Double)
    /// Cuts out a part of the image's proportions, with at least this share of its area, and enlarges it to the size.
    case crop(share: Double)
    /// Blackens a square at a random place, which may reach over the edge (DeVries & Taylor 2017).
    case cutout(side: Int)
    /// Multiplies all samples with a factor from 1 − range to 1 + range.
    case brightness(range: Double)
    /// Multiplies the distances of all samples from their mean with a factor from 1 − range to 1 + range.
    case contrast(range: Double)
  }

  /// Made one after the other.
  public var steps: [Step]
  /// Mixes each image x and its target t with another of the batch, λx + (1 − λ)x′ and λt + (1 − λ)t′, with λ from the
  /// beta distribution of both parameters (Zhang et al. 2018); nil does not. Targets become probabilities of the
  /// classes, which of the losses `softmaxCrossEntropy` takes.
  public var mixup: Double?

  public init(_ steps: [Step], mixup: Double? = nil) {
    self.steps = steps
    self.mixup = mixup
  }

  public init(_ steps: Step..., mixup: Double? = nil) { self.init(steps, mixup: mixup) }

  /// Nothing is changed.
  public static let none = Augmentation()

  /// What is harmless for nearly all images: shifts by up to a fourteenth of the shorter side, 2 pixels of 28; nothing
  /// where that side is a single pixel.
  public static func cautious(height: Int, width: Int) -> Augmentation {
    let side = min(height, width)
    return side > 1 ? Augmentation(.shift(pixels: max(1, side / 14))) : .none
  }

  /// What is wrong with the steps for images of a size, as a clause of a message; nil if nothing is.
  package func problem(height: Int, width: Int) -> String? {
    func share(_ value: Double, _ name: String) -> String? {
      (0...1).contains(value) ? nil : "expected \(name) from 0 to 1, found \(value)"
    }
    let least = min(height, width)
    let problems = steps.map { step -> String? in
      switch step {
      case .shift(let pixels):
        (0..<least).contains(pixels) ? nil : "expected shifts from 0 to below \(least) pixels, found \(pixels)"
      case .flipHorizontally(let probability), .flipVertically(let probability):
        share(probability, "the probability of a flip")
      case .rotate(let degrees):
        (0...180).contains(degrees) ? nil : "expected rotations from 0 to 180 degrees, found \(degrees)"
      case .crop(let area): area > 0 ? share(area, "the share of a crop") : "expected a crop above 0, found \(area)"
      case .cutout(let side):
        (1...least).contains(side) ? nil : "expected cutouts from 1 to \(least) pixels, found \(side)"
      case .brightness(let range): share(range, "the range of brightness")
      case .contrast(let range): share(range, "the range of contrast")
      }
    }
    if let mixup, !(mixup > 0 && mixup.isFinite) { return "expected the parameter of mixup above 0, found \(mixup)" }
    return problems.compactMap(\.self).first
  }
}
