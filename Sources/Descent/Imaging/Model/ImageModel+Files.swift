import DescentCore

extension ImageModel {
  /// Writes one `.safetensors` file: the weights, and as metadata the architecture, what becomes of images, and the
  /// provenance as JSON. The file appears complete or not at all; equal models give equal bytes.
  public func save(to path: String) throws(ImageModelError) {
    let parts = [
      ModelFile.Key.images: ModelFile.json(preprocessing), ModelFile.Key.provenance: ModelFile.json(provenance),
    ]
    do {
      try network.save(to: path, parts: parts, metadata: [:])
    } catch {
      throw .unwritable(error)
    }
  }

  /// Reads a file that `save(to:)` wrote. It is data: reading it runs nothing, and every value is checked.
  public init(contentsOf path: String) throws(ImageModelError) {
    do {
      try self.init(reading: path)
    } catch {
      throw .file(error)
    }
  }

  private init(reading path: String) throws(ModelFileError) {
    let parts = try TrainedModelFile<Sequential, ImageProvenance>(
      contentsOf: path, trainedOn: "images", with: ModelFile.Key.images)
    self.init(
      network: parts.network, preprocessing: try parts.part(ModelFile.Key.images), provenance: parts.provenance)
    try checkFit(path)
  }

  /// Whether the parts belong to each other: a file may hold those of two models, or numbers that nothing has.
  private func checkFit(_ path: String) throws(ModelFileError) {
    guard shape.isPlausible, (2...TargetEncoding.maximumClasses).contains(classes.count) else {
      throw ModelFileError(path, "expected images of 1 or 3 channels and at least two classes, found \(shape)")
    }
    guard Set(classes).count == classes.count else {
      throw ModelFileError(path, "expected classes with different names, found one twice among \(listed(classes))")
    }
    if let problem = preprocessing.normalization.problem(channels: shape.channels) {
      throw ModelFileError(path, problem)
    }
    if let problem = network.problem(shape, classes: classes.count) { throw ModelFileError(path, problem) }
  }
}
