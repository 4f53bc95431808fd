import DescentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension SeriesModel {
  /// What is stored of a model besides its network and its provenance.
  private struct Rules: Codable {
    let transform: SeriesTransform
    let season: Season?
  }

  /// Writes one `.safetensors` file: the weights, and as metadata the architecture, how values become numbers, and the
  /// provenance as JSON. The file appears complete or not at all; equal models give equal bytes.
  public func save(to path: String) throws(SeriesError) {
    let parts = [
      ModelFile.Key.series: Self.json(Rules(transform: transform, season: season)),
      ModelFile.Key.provenance: Self.json(provenance),
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
  public init(contentsOf path: String) throws(SeriesError) {
    do {
      try self.init(SafeTensors(contentsOf: path), path: path)
    } catch {
      throw .modelFile(error)
    }
  }

  private init(_ tensors: SafeTensors, path: String) throws(ModelFileError) {
    typealias Key = ModelFile.Key
    guard let series = tensors.metadata[Key.series], let origin = tensors.metadata[Key.provenance],
      tensors.metadata[Key.architecture] != nil
    else {
      throw ModelFileError(path, "expected a model that descent trained on a series, found other tensors")
    }
    let file = try ModelFile(tensors, path: path)
    guard let network = file.model as? Sequential,
      let rules = try? JSONDecoder().decode(Rules.self, from: Data(series.utf8)),
      let provenance = try? JSONDecoder().decode(SeriesProvenance.self, from: Data(origin.utf8))
    else {
      throw ModelFileError(path, "expected a model that descent trained on a series, found another")
    }
    self.init(network: network, transform: rules.transform, season: rules.season, provenance: provenance)
    try checkFit(path)
  }

  /// Whether the parts belong to each other: a file may hold those of two models, or numbers that nothing has.
  private func checkFit(_ path: String) throws(ModelFileError) {
    do {
      try provenance.configuration.check()
    } catch {
      throw ModelFileError(path, error.description)
    }
    let isUsable =
      transform.isUsable && season.map { 2...1_000_000_000 ~= $0.length } ?? true && provenance.unit >= 0
      && provenance.test.scores.allSatisfy { $0.byStep.count == horizon } && !provenance.test.scores.isEmpty
    guard isUsable else { throw ModelFileError(path, "expected the rules of a series, found others") }
    let result: [Int]
    do {
      // Two rows, so that an extent of 1 is not taken for the batch.
      result = try outputShape(of: network, for: [2, transform.lags.count])
    } catch {
      throw ModelFileError(
        path, "the layers do not fit windows of \(counted(transform.lags.count, "value")): \(error.description)")
    }
    guard result == [2, horizon] else {
      throw ModelFileError(
        path, "expected a network from \(counted(transform.lags.count, "value")) to \(horizon), found another")
    }
  }
}
