import DescentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ImageModel {
  /// Writes one `.safetensors` file: the weights, and as metadata the architecture, what becomes of images, and the
  /// provenance as JSON. The file appears complete or not at all; equal models give equal bytes.
  public func save(to path: String) throws(ImageModelError) {
    let parts = [
      ModelFile.Key.images: Self.json(preprocessing), ModelFile.Key.provenance: Self.json(provenance),
    ]
    do {
      try network.save(to: path, parts: parts, metadata: [:])
    } catch {
      throw .unwritable(error)
    }
  }

  private static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      preconditionFailure("The parts of a model hold finite numbers only, which JSON can always express.")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// Reads a file that `save(to:)` wrote. It is data: reading it runs nothing, and every value is checked.
  public init(contentsOf path: String) throws(ImageModelError) {
    do {
      try self.init(SafeTensors(contentsOf: path), path: path)
    } catch {
      throw .file(error)
    }
  }

  private init(_ tensors: SafeTensors, path: String) throws(ModelFileError) {
    typealias Key = ModelFile.Key
    guard let images = tensors.metadata[Key.images], let origin = tensors.metadata[Key.provenance],
      tensors.metadata[Key.architecture] != nil
    else {
      throw ModelFileError(path, "expected a model that descent trained on images, found other tensors")
    }
    let file = try ModelFile(tensors, path: path)
    guard let network = file.model as? Sequential,
      let preprocessing = try? JSONDecoder().decode(Preprocessing.self, from: Data(images.utf8)),
      let provenance = try? JSONDecoder().decode(ImageProvenance.self, from: Data(origin.utf8))
    else {
      throw ModelFileError(path, "expected a model that descent trained on images, found another")
    }
    self.init(network: network, preprocessing: preprocessing, provenance: provenance)
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
