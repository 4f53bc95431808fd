import DescentCore

extension ImageSet {
  /// The images as a network learns from them: float32 [height, width, channels], normalised, and the positions of
  /// their classes; with mixup the probabilities of the classes, float32 [classes].
  ///
  /// - Parameters:
  ///   - augmentation: What becomes of images in training; where they are measured or predicted they stay as they are.
  ///   - seed: What the augmentation follows from, with the epoch and the position of the image.
  public func dataset(
    _ normalization: ImageNormalization, augmentation: Augmentation = .none, seed: UInt64 = 0
  ) -> Dataset {
    dataset(normalization, augmentation: augmentation, seed: seed, failure: ImageFailure())
  }

  /// - Parameter failure: where the first image that cannot be read is noted.
  func dataset(
    _ normalization: ImageNormalization, augmentation: Augmentation, seed: UInt64, failure: ImageFailure
  ) -> Dataset {
    Dataset(
      rows(normalization, augmentation: augmentation, seed: seed, failure: failure),
      classNames: augmentation.mixup == nil ? classes : [])
  }

  /// What the dataset reads its rows from.
  package func rows(
    _ normalization: ImageNormalization, augmentation: Augmentation, seed: UInt64
  ) -> some RowSource {
    rows(normalization, augmentation: augmentation, seed: seed, failure: ImageFailure())
  }

  private func rows(
    _ normalization: ImageNormalization, augmentation: Augmentation, seed: UInt64, failure: ImageFailure
  ) -> ImageRows {
    if let problem = normalization.problem(channels: shape.channels)
      ?? augmentation.problem(height: shape.height, width: shape.width)
    {
      fatalError("ImageSet.dataset: \(problem)")
    }
    return ImageRows(
      images: self, table: normalization.table, augmentation: augmentation, seed: seed, failure: failure)
  }
}

/// The first image of a set that could not be read.
final class ImageFailure: Sendable {
  private let first = Guarded<ModelFileError?>(nil)

  var error: ModelFileError? { first.withLock { $0 } }

  func note(_ error: ModelFileError) { first.withLock { $0 = $0 ?? error } }
}

/// Reads, augments and normalises the images that a batch asks for.
private struct ImageRows: RowSource {
  let images: ImageSet
  let table: [Float]
  let augmenter: Augmenter
  let seed: UInt64
  let failure: ImageFailure

  init(images: ImageSet, table: [Float], augmentation: Augmentation, seed: UInt64, failure: ImageFailure) {
    self.images = images
    self.table = table
    let shape = images.shape
    augmenter = Augmenter(
      augmentation: augmentation, height: shape.height, width: shape.width, channels: shape.channels)
    self.seed = seed
    self.failure = failure
  }

  var count: Int { images.count }
  var inputs: RowType { RowType(images.shape.axes) }
  var targets: RowType { mixup == nil ? RowType([], .int32) : RowType([images.classes.count]) }
  private var mixup: Double? { augmenter.augmentation.mixup }

  /// Names and numbers of files stand for their bytes.
  var fingerprint: String? {
    images.isInMemory
      ? nil
      : "\(count) images of \(images.shape) from \(images.name), \(images.name(of: 0)) to \(images.name(of: count - 1))"
  }

  // MARK: - Inputs

  func readInputs(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) throws(EvaluationError) {
    let size = images.shape.count
    let failed: ModelFileError? = memory.withMutableBytes { bytes in
      let numbers = bytes.bindMemory(to: Float.self)
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * size) { spare in
        let pixels = UnsafeMutableBufferPointer(rebasing: spare[..<size])
        let other = UnsafeMutableBufferPointer(rebasing: spare[size...])
        do throws(ModelFileError) {
          for (place, row) in rows.enumerated() {
            let target = UnsafeMutableBufferPointer(rebasing: numbers[place * size..<(place + 1) * size])
            try read(row, epoch, pixels, spare: other)
            normalize(pixels, into: target) { $1 }
            guard let mix = mix(row, epoch) else { continue }
            try read(mix.partner, epoch, pixels, spare: other)
            normalize(pixels, into: target) { mix.share * $0 + (1 - mix.share) * $1 }
          }
          return nil
        } catch {
          return error
        }
      }
    }
    guard let failed else { return }
    failure.note(failed)
    let sentence = failed.description
    throw EvaluationError(String(sentence.dropLast(sentence.hasSuffix(".") ? 1 : 0)))
  }

  private func read(
    _ row: Int, _ epoch: Int?, _ pixels: Augmenter.Pixels, spare: Augmenter.Pixels
  ) throws(ModelFileError) {
    try images.read(row, into: pixels)
    guard let epoch else { return }
    var random = AugmentationRandom(seed: seed, epoch: epoch, row: row)
    augmenter.change(pixels, spare: spare, &random)
  }

  /// Combines what is in the target with the normalised samples.
  @inline(__always)
  private func normalize(
    _ pixels: Augmenter.Pixels, into target: UnsafeMutableBufferPointer<Float>, _ combine: (Float, Float) -> Float
  ) {
    let channels = images.shape.channels
    table.withUnsafeBufferPointer { table in
      for start in stride(from: 0, to: pixels.count, by: channels) {
        for channel in 0..<channels {
          let index = start + channel
          target[index] = combine(target[index], table[channel << 8 | Int(pixels[index])])
        }
      }
    }
  }

  // MARK: - Targets

  func readTargets(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) {
    memory.withMutableBytes { bytes in
      guard mixup != nil else {
        let classes = bytes.bindMemory(to: Int32.self)
        for (place, row) in rows.enumerated() { classes[place] = Int32(images.labels[row]) }
        return
      }
      let shares = bytes.bindMemory(to: Float.self)
      shares.update(repeating: 0)
      for (place, row) in rows.enumerated() {
        let start = place * images.classes.count
        guard let mix = mix(row, epoch) else {
          shares[start + images.labels[row]] = 1
          continue
        }
        shares[start + images.labels[row]] += mix.share
        shares[start + images.labels[mix.partner]] += 1 - mix.share
      }
    }
  }

  /// The image that one is mixed with, and the share that it keeps; nil where it is not mixed.
  private func mix(_ row: Int, _ epoch: Int?) -> (partner: Int, share: Float)? {
    guard let mixup, let epoch else { return nil }
    // Numbers of their own: rows are counted from 0 up, these from the other end down.
    var random = AugmentationRandom(seed: seed, epoch: epoch, row: -1 - row)
    return (random.whole(from: 0, through: count - 1), Float(random.beta(mixup)))
  }
}
