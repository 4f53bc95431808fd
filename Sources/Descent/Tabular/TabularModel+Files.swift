import DescentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension TabularModel {
  private enum Key {
    static let format = "format"
    static let architecture = "architecture"
    static let preprocessing = "preprocessing"
    static let provenance = "provenance"
  }

  private static let format = "descent.tabular.1"

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
    guard let format = file.metadata[Key.format], format.hasPrefix("descent.tabular.") else {
      throw ModelFileError(path, "expected a model that descent trained on a table, found other tensors")
    }
    guard format == Self.format else {
      throw ModelFileError(path, "expected the format \(Self.format), found \(quoted(format)); use a newer version")
    }
    func text(_ key: String) throws(ModelFileError) -> String {
      guard let text = file.metadata[key] else { throw ModelFileError(path, "the \(key) is missing") }
      return text
    }
    let texts = (try text(Key.architecture), try text(Key.preprocessing), try text(Key.provenance))
    do {
      network = try Sequential(architecture: texts.0)
      preprocessing = try TablePreprocessing(jsonText: texts.1)
      provenance = try JSONDecoder().decode(TabularProvenance.self, from: Data(texts.2.utf8))
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
