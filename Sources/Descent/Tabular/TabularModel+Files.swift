import DescentCore

extension TabularModel {
  /// Writes one `.safetensors` file: the weights, and as metadata the architecture, the preprocessing and the
  /// provenance as JSON. The file appears complete or not at all; equal models give equal bytes.
  public func save(to path: String) throws(TabularError) {
    do {
      try network.save(to: path, preprocessing: preprocessing, provenance: ModelFile.json(provenance))
    } catch {
      throw .unwritable(error)
    }
  }

  /// Reads a file that `save(to:)` wrote. It is data: reading it runs nothing, and every value is checked.
  public init(contentsOf path: String) throws(TabularError) {
    do {
      try self.init(reading: path)
    } catch {
      throw .modelFile(error)
    }
  }

  private init(reading path: String) throws(ModelFileError) {
    let parts = try TrainedModelFile<Sequential, TabularProvenance>(
      contentsOf: path, trainedOn: "a table", with: ModelFile.Key.preprocessing)
    guard let preprocessing = parts.file.preprocessing else { throw parts.isAnother }
    self.init(network: parts.network, preprocessing: preprocessing, provenance: parts.provenance)
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
