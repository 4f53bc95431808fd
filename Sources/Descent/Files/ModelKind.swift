/// What a model file of descent is for, by what its metadata holds.
package enum ModelKind: Sendable {
  case table
  case images
  case series

  /// Reads the header of a file. What is no model at all counts as one for a table.
  package init(contentsOf path: String) throws(ModelFileError) {
    let metadata = try SafeTensors(contentsOf: path) { _ in false }.metadata
    self = metadata[ModelFile.Key.images] != nil ? .images : metadata[ModelFile.Key.series] != nil ? .series : .table
  }
}
