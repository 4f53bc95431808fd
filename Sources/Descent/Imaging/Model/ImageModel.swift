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
    try probabilities(of: [image], names: ["the image"])[0]
  }

  /// The probability of each class for the images in files.
  public func predict(files: [String]) throws(ImageModelError) -> [[Double]] {
    var result: [[Double]] = []
    for start in stride(from: 0, to: files.count, by: Self.batchSize) {
      let part = Array(files[start..<min(start + Self.batchSize, files.count)])
      let images = try part.map { path throws(ImageModelError) in
        try imageFiles { () throws(ModelFileError) in try Image(contentsOf: path) }
      }
      result += try probabilities(of: images, names: part)
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

  static let batchSize = 256

  /// float32 [images, height, width, channels], normalised.
  func inputs(of images: [Image]) -> Tensor {
    let memory = Memory(.float32, count: images.count * shape.count)
    let table = preprocessing.normalization.table
    var pixels = [UInt8](repeating: 0, count: shape.count)
    memory.withMutableBytes { bytes in
      let numbers = bytes.bindMemory(to: Float.self)
      for (place, image) in images.enumerated() {
        pixels.withUnsafeMutableBufferPointer { pixels in
          image.write(to: pixels, as: shape)
          for index in pixels.indices {
            numbers[place * shape.count + index] = table[(index % shape.channels) << 8 | Int(pixels[index])]
          }
        }
      }
    }
    return Tensor(memory, shape: [images.count] + shape.axes)
  }

  private func probabilities(of images: [Image], names: [String]) throws(ImageModelError) -> [[Double]] {
    let logits: Tensor
    do {
      logits = try network.predict(inputs(of: images))
    } catch {
      throw .training(.evaluation(error, step: nil, rowNumbers: []))
    }
    return try ImageLogits(logits, name: { names[$0] }).probabilities
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
