/// What a model file of descent is for, by what its metadata holds.
package enum ModelKind: Sendable {
  case table
  case images
  case series
  case text

  /// Reads the header of a file.
  ///
  /// - Throws: `ModelFileError` if it is damaged, or the file is of none of these kinds.
  package init(contentsOf path: String) throws(ModelFileError) {
    let metadata = try SafeTensors(contentsOf: path) { _ in false }.metadata
    typealias Key = ModelFile.Key
    let kinds: [(key: String, kind: Self)] = [
      (Key.images, .images), (Key.series, .series), (Key.tokenizer, .text), (Key.preprocessing, .table),
    ]
    guard let kind = kinds.first(where: { metadata[$0.key] != nil })?.kind else {
      throw ModelFileError(path, "expected a model that descent trained, found other tensors")
    }
    self = kind
  }
}
