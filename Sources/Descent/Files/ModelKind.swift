/// What a model file of descent is for, by what its metadata holds.
package enum ModelKind: Sendable {
  case table
  case images
  case series
  case text

  /// Reads the header of a file. What is no model at all counts as one for a table.
  package init(contentsOf path: String) throws(ModelFileError) {
    let metadata = try SafeTensors(contentsOf: path) { _ in false }.metadata
    let kinds = [(ModelFile.Key.images, Self.images), (ModelFile.Key.series, .series), (ModelFile.Key.tokenizer, .text)]
    self = kinds.first { metadata[$0.0] != nil }?.1 ?? .table
  }
}
