import DescentCPU
import DescentCore

/// A network with all it needs to tell classes of images: the shape images are brought to, their normalisation, the
/// names of the classes, and where it came from.
///
/// ```swift
/// let (model, report) = try ImageModel.train(ImageData("flowers"))
/// print(report.test.network)
/// try model.save(to: "flowers.safetensors")
/// print(try model.predict(Image(contentsOf: "rose.jpg")))
/// ```
public struct ImageModel: Sendable {
  /// What an image is turned into before the network sees it, and what its outputs are.
  public struct Preprocessing: Sendable, Hashable, Codable {
    public let shape: ImageShape
    public let normalization: ImageNormalization
    public let classes: [String]
  }

  public let network: Sequential
  public let preprocessing: Preprocessing
  public let provenance: ImageProvenance

  /// The names of the classes in the order of probabilities.
  public var classes: [String] { preprocessing.classes }
  public var shape: ImageShape { preprocessing.shape }

  /// The probability of each class.
  public func predict(_ image: Image) throws(ImageModelError) -> [Double] {
    try Self.probabilities(CompiledModel(network), inputs(of: image), name: { _ in "the image" })[0]
  }

  /// The probability of each class for the images in files.
  public func predict(files: [String]) throws(ImageModelError) -> [[Double]] { try predict(ImageList(files: files)) }

  /// The probability of each class for images of any number, of which no more are in memory than are computed at once.
  public func predict(_ images: ImageList) throws(ImageModelError) -> [[Double]] {
    let compiled = CompiledModel(network)
    var result: [[Double]] = []
    let size = network.batchSize(forImagesOf: shape)
    for start in stride(from: 0, to: images.count, by: size) {
      let batch = try imageFiles { () throws(ModelFileError) -> Tensor in
        try inputs(count: min(size, images.count - start)) { (place, pixels) throws(ModelFileError) in
          try images.read(start + place, as: shape, into: pixels)
        }
      }
      result += try Self.probabilities(compiled, batch) { images.entries[start + $0].name }
    }
    return result
  }

  /// Scores the predictions for images whose classes are known.
  public func evaluate(_ images: ImageSet) throws(ImageModelError) -> ImageEvaluation {
    let answers = try ImageLogits(of: images, network, preprocessing.normalization).probabilities
    return ImageEvaluation(
      scores: TabularScores(probabilities: answers, targets: images.labels), probabilities: answers,
      labels: images.labels)
  }

  /// float32 [1, height, width, channels], normalised.
  func inputs(of image: Image) -> Tensor { inputs(count: 1) { image.write(to: $1, as: shape) } }

  /// float32 [images, height, width, channels], normalised.
  ///
  /// - Parameter read: writes the pixels of an image of the batch.
  private func inputs<E: Error>(
    count: Int, _ read: (_ place: Int, _ pixels: UnsafeMutableBufferPointer<UInt8>) throws(E) -> Void
  ) throws(E) -> Tensor {
    let memory = Memory(.float32, count: count * shape.count)
    let table = preprocessing.normalization.table
    var pixels = [UInt8](repeating: 0, count: shape.count)
    for place in 0..<count {
      try pixels.withUnsafeMutableBufferPointer { (pixels) throws(E) in try read(place, pixels) }
      memory.withMutableBytes { bytes in
        let numbers = bytes.bindMemory(to: Float.self)
        for (index, pixel) in pixels.enumerated() {
          numbers[place * shape.count + index] = table[(index % shape.channels) << 8 | Int(pixel)]
        }
      }
    }
    return Tensor(memory, shape: [count] + shape.axes)
  }

  private static func probabilities(
    _ network: CompiledModel<Sequential>, _ inputs: Tensor, name: (Int) -> String
  ) throws(ImageModelError) -> [[Double]] {
    let logits: Tensor
    do {
      logits = try network(inputs)
    } catch {
      throw .training(.evaluation(error, step: nil, rowNumbers: []))
    }
    return try ImageLogits(logits, name: name).probabilities
  }
}

/// How good a model is on images whose classes are known.
public struct ImageEvaluation: Sendable {
  public let scores: TabularScores
  /// The probability of each class, image by image, and the classes that are right.
  public let probabilities: [[Double]]
  public let labels: [Int]
}

/// Runs code that throws `ModelFileError` where `ImageModelError` is thrown.
func imageFiles<R>(_ body: () throws(ModelFileError) -> R) throws(ImageModelError) -> R {
  do {
    return try body()
  } catch {
    throw .file(error)
  }
}
