import DescentCore

/// Frames of calcium imaging of a mouse's cortex, real and fake, made by a generator.
///
/// Each recording has a window, a midline, optics, light and a gain of its own: a model that learnt from some recordings
/// is tested on frames of theirs that it has not seen, and on other recordings. The difference is what it learnt of the
/// recordings instead of the fakes.
///
/// ```swift
/// let scans = BrainScans(seed: 1, strength: 0.5)
/// let train = scans.dataset(recordings: BrainScans.training, frames: 0..<200)
/// let seen = scans.dataset(recordings: BrainScans.training, frames: 200..<250)
/// let unseen = scans.dataset(recordings: BrainScans.test, frames: 0..<100)
/// ```
public struct BrainScans: Sendable {
  /// The recordings to train on, to validate on, and to test on.
  public static let training = 0..<10
  public static let validation = 10..<12
  public static let test = 12..<16

  /// What a model answers for a frame.
  public enum Question: Sendable {
    /// Whether it is real or fake; of two frames that follow each other one is real.
    case isFake
    /// In which of four regions the strongest source is, of real frames.
    case region
    /// The column of the strongest source and its distance from the midline in pixels, of real frames.
    case position
  }

  /// What the recordings and frames follow from.
  public var seed: UInt64
  /// How much a fake differs from a real frame: 0 not at all, 1 plainly.
  public var strength: Double

  public init(seed: UInt64 = 0, strength: Double = 1) {
    precondition((0...1).contains(strength), "BrainScans: expects a strength from 0 to 1, not \(strength)")
    self.seed = seed
    self.strength = strength
  }

  /// The recording numbered `number`, from 0 on.
  public func recording(_ number: Int) -> BrainRecording {
    precondition(number >= 0, "BrainScans: recordings are numbered from 0, not \(number)")
    return BrainRecording(self, number: number)
  }

  /// The frames of some recordings with the answers to a question.
  ///
  /// Inputs are float32 [rows, 128, 128, 1]; rows are ordered by recording and then by frame.
  public func dataset(
    recordings: Range<Int>, frames: Range<Int>, asking question: Question = .isFake
  ) -> Dataset {
    var pixels: [Float] = []
    pixels.reserveCapacity(recordings.count * frames.count * BrainRecording.size * BrainRecording.size)
    var classes: [Int32] = []
    var places: [Float] = []
    for number in recordings {
      let recording = recording(number)
      for index in frames {
        let frame = recording.frame(index, isFake: question == .isFake && index % 2 == 1)
        pixels += frame.pixels
        switch question {
        case .isFake: classes.append(frame.isFake ? 1 : 0)
        case .region: classes.append(Int32(frame.region))
        case .position:
          places += [Float(frame.strongestSource.column), Float(frame.strongestSource.offset)]
        }
      }
    }
    let rows = recordings.count * frames.count
    let inputs = Tensor(pixels, shape: [rows, BrainRecording.size, BrainRecording.size, 1])
    switch question {
    case .isFake: return Dataset(inputs: inputs, targets: Tensor(classes), classNames: ["real", "fake"])
    case .region:
      return Dataset(
        inputs: inputs, targets: Tensor(classes),
        classNames: ["upper left", "upper right", "lower left", "lower right"])
    case .position: return Dataset(inputs: inputs, targets: Tensor(places, shape: [rows, 2]))
    }
  }
}
