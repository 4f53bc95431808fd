import DescentCore

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
      ModelFile.Key.series: ModelFile.json(Rules(transform: transform, season: season)),
      ModelFile.Key.provenance: ModelFile.json(provenance),
    ]
    do {
      try network.save(to: path, parts: parts, metadata: [:])
    } catch {
      throw .unwritable(error)
    }
  }

  /// Reads a file that `save(to:)` wrote. It is data: reading it runs nothing, and every value is checked.
  public init(contentsOf path: String) throws(SeriesError) {
    do {
      try self.init(reading: path)
    } catch {
      throw .modelFile(error)
    }
  }

  private init(reading path: String) throws(ModelFileError) {
    let parts = try TrainedModelFile<Sequential, SeriesProvenance>(
      contentsOf: path, trainedOn: "a series", with: ModelFile.Key.series)
    let rules: Rules = try parts.part(ModelFile.Key.series)
    self.init(
      network: parts.network, transform: rules.transform, season: rules.season, provenance: parts.provenance)
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
