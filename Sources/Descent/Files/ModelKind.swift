/// What a model file of descent is for, by what its metadata holds.
package enum ModelKind: Sendable {
  case table
  case images
  case series
  case text

  /// Reads the header of a file. What is no model at all counts as one for a table.
  package init(contentsOf path: String) throws(ModelFileError) {
    let metadata = try SafeTensors(contentsOf: path) { _ in false }.metadata
    typealias Key = ModelFile.Key
    let kinds: [(key: String, kind: Self)] = [(Key.images, .images), (Key.series, .series), (Key.tokenizer, .text)]
    self = kinds.first { metadata[$0.key] != nil }?.kind ?? .table
  }
}
