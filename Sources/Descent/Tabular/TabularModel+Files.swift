import DescentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension TabularModel {
  /// Writes one `.safetensors` file: the weights, and as metadata the architecture, the preprocessing and the
  /// provenance as JSON. The file appears complete or not at all; equal models give equal bytes.
  public func save(to path: String) throws(TabularError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let origin = try? encoder.encode(provenance) else {
      preconditionFailure("The provenance holds finite numbers only, which JSON can always express.")
    }
    do {
      try network.save(
        to: path, preprocessing: preprocessing, provenance: String(decoding: origin, as: UTF8.self))
    } catch {
      throw .unwritable(error)
    }
  }

  /// Reads a file that `save(to:)` wrote. It is data: reading it runs nothing, and every value is checked.
  public init(contentsOf path: String) throws(TabularError) {
    do {
      try self.init(SafeTensors(contentsOf: path), path: path)
    } catch {
      throw .modelFile(error)
    }
  }

  private init(_ tensors: SafeTensors, path: String) throws(ModelFileError) {
    typealias Key = ModelFile.Key
    guard [Key.architecture, Key.preprocessing, Key.provenance].allSatisfy({ tensors.metadata[$0] != nil }) else {
      throw ModelFileError(path, "expected a model that descent trained on a table, found other tensors")
    }
    let file = try ModelFile(tensors, path: path)
    guard let network = file.model as? Sequential, let preprocessing = file.preprocessing,
      let origin = file.provenance,
      let provenance = try? JSONDecoder().decode(TabularProvenance.self, from: Data(origin.utf8))
    else {
      throw ModelFileError(path, "expected a model that descent trained on a table, found another")
    }
    self.init(network: network, preprocessing: preprocessing, provenance: provenance)
    try checkFit(path)
  }

  /// Whether the parts belong to each other: a file may hold those of two models.
  private func checkFit(_ path: String) throws(ModelFileError) {
    guard !readsIndices(network) else {
      throw ModelFileError(path, "a layer looks up whole numbers, but tables are read as real ones")
    }
    let result: [Int]
    do {
      // Two rows, so that an extent of 1 is not taken for the batch.
      result = try outputShape(of: network, for: [2, preprocessing.featureNames.count])
    } catch {
      throw ModelFileError(
        path, "the layers do not fit \(counted(preprocessing.featureNames.count, "feature")): \(error.description)")
    }
    guard result == [2, head.outputs] else {
      throw ModelFileError(
        path,
        "expected a network from \(counted(preprocessing.featureNames.count, "feature")) to "
          + "\(counted(head.outputs, "output")), as the preprocessing says; found another")
    }
  }
}
