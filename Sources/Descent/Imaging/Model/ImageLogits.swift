import DescentCPU
import DescentCore

/// What a network says of images, as probabilities.
struct ImageLogits {
  /// Of each class, image by image; in double precision, where float32 would round a rare class to 0.
  let probabilities: [[Double]]

  /// - Parameter name: what an error calls an image.
  init(_ logits: Tensor, name: (Int) -> String) throws(ImageModelError) {
    let classes = logits.shape[1]
    let values = logits.cast(to: .float64).softmax().array(of: Double.self)
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw .nonFinitePrediction(image: name(place / classes))
    }
    probabilities = stride(from: 0, to: values.count, by: classes).map { Array(values[$0..<$0 + classes]) }
  }

  /// What a network says of the images of a set, of which no more are in memory than are computed at once.
  init(
    of images: ImageSet, _ network: Sequential, _ normalization: ImageNormalization
  ) throws(ImageModelError) {
    let failure = ImageFailure()
    let dataset = images.dataset(normalization, augmentation: .none, seed: 0, failure: failure)
    let compiled = CompiledModel(network)
    let size = network.batchSize(forImagesOf: images.shape)
    let batches = dataset.batches(of: size)
    var probabilities: [[Double]] = []
    probabilities.reserveCapacity(images.count)
    for index in 0..<batches.count {
      let logits: Tensor
      do {
        logits = try compiled(batches.read(index).inputs)
      } catch {
        throw failure.error.map { .file($0) } ?? .training(.evaluation(error, step: nil, rowNumbers: []))
      }
      probabilities += try Self(logits) { images.name(of: index * size + $0) }.probabilities
    }
    self.probabilities = probabilities
  }
}
