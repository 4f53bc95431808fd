#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What every kind of trained model has in its file: the network, the provenance, and parts of its own as JSON.
struct TrainedModelFile<Network: Layer, Provenance: Decodable> {
  let network: Network
  let provenance: Provenance
  let file: ModelFile
  private let path: String
  private let data: String

  /// Reads a file. It is data: reading it runs nothing.
  ///
  /// - Parameters:
  ///   - data: what such a model was trained on, as messages say it.
  ///   - key: what the metadata hold besides the architecture and the provenance.
  /// - Throws: `ModelFileError` if the file is damaged or no model of this kind.
  init(contentsOf path: String, trainedOn data: String, with key: String) throws(ModelFileError) {
    let tensors = try SafeTensors(contentsOf: path)
    let keys = [ModelFile.Key.architecture, key, ModelFile.Key.provenance]
    guard keys.allSatisfy({ tensors.metadata[$0] != nil }) else {
      throw ModelFileError(path, "expected a model that descent trained on \(data), found other tensors")
    }
    file = try ModelFile(tensors, path: path)
    self.path = path
    self.data = data
    guard let network = file.model as? Network,
      let provenance: Provenance = Self.decoded(file.metadata[ModelFile.Key.provenance])
    else { throw Self.another(path, data) }
    self.network = network
    self.provenance = provenance
  }

  /// A part of its own.
  func part<Part: Decodable>(_ key: String) throws(ModelFileError) -> Part {
    guard let part: Part = Self.decoded(file.metadata[key]) else { throw Self.another(path, data) }
    return part
  }

  /// The error of a file whose parts are not those of such a model.
  var isAnother: ModelFileError { Self.another(path, data) }

  private static func another(_ path: String, _ data: String) -> ModelFileError {
    ModelFileError(path, "expected a model that descent trained on \(data), found another")
  }

  private static func decoded<Part: Decodable>(_ json: String?) -> Part? {
    json.flatMap { try? JSONDecoder().decode(Part.self, from: Data($0.utf8)) }
  }
}

extension ModelFile {
  /// A part of a model as JSON; equal parts give equal texts.
  static func json(_ part: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(part) else {
      preconditionFailure("The parts of a model hold finite numbers only, which JSON can always express.")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
