/// A model with what belongs to it, read from one `.safetensors` file that `save(to:)` wrote.
///
/// The tensors are parameters and buffers by path. The metadata holds `descent.format`, the version of this list;
/// `descent.architecture`, from which the model is made again; and, where they were given, `descent.preprocessing`, the
/// rules that turn a table into numbers, or `descent.images`, those for images, or `descent.series`, those for a
/// series, or `descent.tokenizer`, what the numbers of a text mean, and `descent.provenance`, how the model came about:
/// all as JSON. The format has no checksum, so that other tools may change weights: a bit that flips inside a tensor is
/// another weight.
public struct ModelFile: Sendable {
  enum Key {
    /// What all keys of the format begin with.
    static let reserved = "descent."
    static let format = "descent.format"
    static let architecture = "descent.architecture"
    static let preprocessing = "descent.preprocessing"
    static let tokenizer = "descent.tokenizer"
    static let provenance = "descent.provenance"
    static let images = "descent.images"
    static let series = "descent.series"
  }

  static let format = "1"

  /// The model with its weights.
  public let model: any Layer
  public let preprocessing: TablePreprocessing?
  public let tokenizer: (any Tokenizer)?
  public let provenance: String?
  /// All texts in the file.
  public let metadata: [String: String]

  /// Makes the model that the file describes and loads its weights. It is data: reading it runs nothing.
  ///
  /// - Parameter additional: Layers of your own that the file may name, besides those of the library.
  /// - Throws: `ModelFileError` if the file is damaged, describes no model, or its tensors are not those of the model.
  public init(contentsOf path: String, additional: [any ConfigurableLayer.Type] = []) throws(ModelFileError) {
    try self.init(SafeTensors(contentsOf: path), path: path, additional: additional)
  }

  init(_ file: SafeTensors, path: String, additional: [any ConfigurableLayer.Type] = []) throws(ModelFileError) {
    try Self.checkFormat(of: file, path)
    guard let architecture = file.metadata[Key.architecture] else {
      throw ModelFileError(
        path, "expected the text \"\(Key.architecture)\", which is not there; make the model in code and load into it")
    }
    do {
      model = try makeLayer(architecture: architecture, additional: additional)
      preprocessing = try file.metadata[Key.preprocessing].map { json throws(DataError) in
        try TablePreprocessing(jsonText: json)
      }
      tokenizer = try file.metadata[Key.tokenizer].map { json throws(TokenizerError) in
        try makeTokenizer(jsonText: json, source: "the tokenizer")
      }
      try model.load(file.tensors)
    } catch {
      throw ModelFileError(path, "\(error)")
    }
    provenance = file.metadata[Key.provenance]
    metadata = file.metadata
  }

  static func checkFormat(of file: SafeTensors, _ path: String) throws(ModelFileError) {
    guard let found = file.metadata[Key.format], found != format else { return }
    throw ModelFileError(
      path, "expected version \(format) of the format, found \(quoted(found)); a later version of Descent can read it")
  }
}

extension Sequential {
  /// Makes the model that a file describes, with its weights.
  ///
  /// - Parameter additional: Layers of your own that the file may name, besides those of the library.
  public init(contentsOf path: String, additional: [any ConfigurableLayer.Type] = []) throws(ModelFileError) {
    let file = try ModelFile(contentsOf: path, additional: additional)
    guard let model = file.model as? Sequential else {
      throw ModelFileError(path, "expected a Sequential model, found one of type \(type(of: file.model))")
    }
    self = model
  }
}

extension Module {
  /// Saves parameters and buffers as a `.safetensors` file, which appears complete or not at all.
  ///
  /// If all its layers are configurable, the model is described too, so that `Sequential(contentsOf:)` or `ModelFile` can
  /// make it again from the file alone; otherwise the file holds the weights, for `load(from:)`.
  ///
  /// - Parameters:
  ///   - preprocessing: The rules by which the model's inputs were made from a table.
  ///   - tokenizer: What made the model's inputs of a text.
  ///   - provenance: How the model came about, as JSON.
  ///   - metadata: Texts of your own, under names that do not begin with `descent.`.
  /// - Throws: `ModelFileError` if the file cannot be written, or a layer holds a number that no file can.
  public func save(
    to path: String, preprocessing: TablePreprocessing? = nil, tokenizer: (any Tokenizer)? = nil,
    provenance: String? = nil, metadata: [String: String] = [:]
  ) throws(ModelFileError) {
    if let key = metadata.keys.sorted().first(where: { $0.hasPrefix(ModelFile.Key.reserved) }) {
      throw ModelFileError(
        path, "the metadata \(quoted(key)) begins with \"\(ModelFile.Key.reserved)\", which is reserved")
    }
    var parts: [String: String] = [:]
    if let preprocessing { parts[ModelFile.Key.preprocessing] = preprocessing.jsonText() }
    if let tokenizer { parts[ModelFile.Key.tokenizer] = tokenizer.jsonText() }
    if let provenance { parts[ModelFile.Key.provenance] = provenance }
    try save(to: path, parts: parts, metadata: metadata)
  }

  /// - Parameter parts: what the format itself has a name for, besides the architecture.
  func save(to path: String, parts: [String: String], metadata: [String: String]) throws(ModelFileError) {
    var metadata = metadata.merging(parts) { _, part in part }
    metadata[ModelFile.Key.format] = ModelFile.format
    if let layer = self as? any Layer {
      do {
        metadata[ModelFile.Key.architecture] = try layer.architecture()
      } catch  where !error.isUnnamedLayer {
        throw ModelFileError(path, error.description)
      } catch {
        // The file holds the weights alone.
      }
    }
    try SafeTensors(tensors: snapshot(), metadata: metadata).write(to: path)
  }

  /// Loads parameters and buffers from a `.safetensors` file; nothing changes unless everything fits.
  ///
  /// - Throws: `ModelFileError`, which lists every name that is missing, extra or of another shape.
  public func load(from path: String, verify: LoadVerification = .strict) throws(ModelFileError) {
    let file = try SafeTensors(contentsOf: path)
    do {
      try load(file.tensors, verify: verify)
    } catch {
      throw ModelFileError(path, error.description)
    }
  }
}
