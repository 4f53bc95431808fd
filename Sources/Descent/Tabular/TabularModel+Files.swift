import DescentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension TabularModel {
  private enum Key {
    static let format = "descent.format"
    static let architecture = "descent.architecture"
    static let preprocessing = "descent.preprocessing"
    static let provenance = "descent.provenance"
  }

  private static let format = "1"

  /// Writes one `.safetensors` file: the weights, and as metadata the architecture, the preprocessing and the
  /// provenance as JSON. The file appears complete or not at all; equal models give equal bytes.
  public func save(to path: String) throws(TabularError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let architecture: String
    let provenanceText: String
    do {
      architecture = try network.architecture()
      provenanceText = String(decoding: try encoder.encode(provenance), as: UTF8.self)
    } catch {
      throw .unwritable(ModelFileError(path, "the model cannot be described (\(error))"))
    }
    let metadata = [
      Key.format: Self.format, Key.architecture: architecture, Key.preprocessing: preprocessing.jsonText(),
      Key.provenance: provenanceText,
    ]
    do {
      try SafeTensors(tensors: network.state, metadata: metadata).write(to: path)
    } catch {
      throw .unwritable(error)
    }
  }

  /// Reads a file that `save(to:)` wrote. It is data: reading it runs nothing, and every value is checked.
  public init(contentsOf path: String) throws(TabularError) {
    do {
      try self.init(file: SafeTensors(contentsOf: path), path: path)
    } catch {
      throw .modelFile(error)
    }
  }

  private init(file: SafeTensors, path: String) throws(ModelFileError) {
    if let format = file.metadata[Key.format], format != Self.format {
      throw ModelFileError(path, "expected the format \(Self.format), found \(quoted(format)); use a newer version")
    }
    guard let architecture = file.metadata[Key.architecture], let rules = file.metadata[Key.preprocessing],
      let origin = file.metadata[Key.provenance]
    else {
      throw ModelFileError(path, "expected a model that descent trained on a table, found other tensors")
    }
    do {
      network = try Sequential(architecture: architecture)
      preprocessing = try TablePreprocessing(jsonText: rules)
      provenance = try JSONDecoder().decode(TabularProvenance.self, from: Data(origin.utf8))
      try network.load(file.tensors)
    } catch is DecodingError {
      throw ModelFileError(path, "the provenance is not what this version of the library writes")
    } catch {
      throw ModelFileError(path, "\(error)")
    }
    try checkFit(path)
  }

  /// Whether the parts belong to each other: a file may hold those of two models.
  private func checkFit(_ path: String) throws(ModelFileError) {
    let inputs = (network.layers.first as? Dense)?.inputs
    let outputs = (network.layers.last as? Dense)?.outputs
    guard inputs == preprocessing.featureNames.count, outputs == head.outputs else {
      throw ModelFileError(
        path,
        "expected a network from \(counted(preprocessing.featureNames.count, "feature")) to "
          + "\(counted(head.outputs, "output")), as the preprocessing says; found another")
    }
  }
}
