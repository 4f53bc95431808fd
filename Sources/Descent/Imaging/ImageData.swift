/// Labelled images as they lie on a disk, recognised by their names.
///
/// ```swift
/// let data = try ImageData("flowers")       // flowers/rose/1.jpg, … or flowers/train/rose/1.jpg, flowers/test/…
/// let digits = try ImageData("mnist")       // mnist/train-images-idx3-ubyte.gz, …
/// ```
public struct ImageData: Sendable {
  /// How images come.
  public enum Form: Sendable, Hashable {
    /// A folder with a folder for each class; or with folders `train` and `test`, and `validation`, of such.
    case folder
    /// A folder with the IDX files of MNIST and its kin.
    case idxFolder
    /// One IDX file of images, `…-images-idx3-ubyte`, and beside it `…-labels-idx1-ubyte`; each may end in `.gz`.
    case idxFile
    /// NumPy's `.npz` with `x_train`, `y_train`, `x_test` and `y_test`, or `images` and `labels`.
    case arrays

    /// What a path leads to; nil where that is none of these.
    public init?(of path: String) {
      let name = path.split(separator: "/").last ?? ""
      if ImageFolder.isFolder(path) {
        let entries = (try? ImageFolder.entries(of: path)) ?? []
        let isLabelled = LabelledImages.isThere(.training, in: path)
        guard isLabelled || entries.contains(where: \.isFolder) else { return nil }
        self = isLabelled ? .idxFolder : .folder
      } else if name.contains("-images-idx3") || name.contains("-images.idx3") {
        self = .idxFile
      } else if name.lowercased().hasSuffix(".npz") {
        self = .arrays
      } else {
        return nil
      }
    }
  }

  /// Where it was found.
  public let path: String
  public let form: Form
  public let training: ImageSet
  /// Images kept apart for validation, where they come so.
  public let validation: ImageSet?
  /// Images kept apart for the test, where they come so.
  public let test: ImageSet?
  /// What was decided about the shape, in a sentence.
  public let shapeExplanation: String
  /// How many files among the images are none.
  public let otherFileCount: Int
  /// The name of the data, and what identifies it: the SHA-256 of its files, or of the names and sizes of images.
  public let source: TabularProvenance.Source

  /// Recognises and lists, or reads, the images of a path.
  ///
  /// - Parameters:
  ///   - size: the height and the width of all images of a folder; nil chooses as `ImageShapeDecision` says.
  ///   - shape: the shape a model expects, which files are brought to and other images must have.
  ///   - classes: the classes a model knows; nil takes those that are there.
  /// - Throws: `ModelFileError` if something else is there, or it is damaged.
  public init(
    _ path: String, size: (height: Int, width: Int)? = nil, shape: ImageShape? = nil, classes: [String]? = nil
  ) throws(ModelFileError) {
    try self.init(path, size: size, shape: shape, classes: classes, passesOverDamage: false)
  }

  /// The images of a path as an `ImageSurvey` looks at them: files of a folder that are damaged do not matter yet.
  package init(surveying path: String) throws(ModelFileError) {
    try self.init(path, size: nil, shape: nil, classes: nil, passesOverDamage: true)
  }

  /// How the images of a path come.
  ///
  /// - Throws: `ModelFileError` that says what there is instead, if there are none with classes.
  package static func form(of path: String) throws(ModelFileError) -> Form {
    if let form = Form(of: path) { return form }
    guard ImageFolder.isFolder(path) else {
      throw ModelFileError(path, "expected a folder of images, IDX files or a .npz file of images, found none of these")
    }
    let names = try ImageFolder.entries(of: path).map(\.name)
    let images = names.count(where: ImageFormat.hasEnding)
    let found =
      if LabelledImages.isThere(.test, in: path) {
        "images to test, t10k-images-idx3-ubyte, and none to train"
      } else {
        (images > 0 ? counted(images, "image") : counted(names.count, "file")) + " and no folder of a class"
      }
    throw ModelFileError(
      path,
      "expected a folder of images for each class, or folders train and test of such, or the IDX files "
        + "train-images-idx3-ubyte and train-labels-idx1-ubyte, found \(found)")
  }

  private init(
    _ path: String, size: (height: Int, width: Int)?, shape: ImageShape?, classes: [String]?, passesOverDamage: Bool
  ) throws(ModelFileError) {
    let form = try Self.form(of: path)
    var known = path
    while known.count > 1 && known.hasSuffix("/") { known.removeLast() }
    switch form {
    case .folder:
      try self.init(folder: known, shape: shape, classes: classes) { folder throws(ModelFileError) in
        try ImageShapeDecision(of: folder, size: size, passesOverDamage: passesOverDamage)
      }
    case .idxFolder: try self.init(idxFolder: known, classes: classes)
    case .idxFile: try self.init(idxFile: known, classes: classes)
    case .arrays: try self.init(arrays: known, classes: classes)
    }
    guard let shape, shape != training.shape else { return }
    throw ModelFileError(path, "expected images of \(shape), as the model was trained on, found \(training.shape)")
  }

  private init(
    _ form: Form, _ training: ImageSet, validation: ImageSet? = nil, test: ImageSet? = nil,
    explanation: String? = nil, otherFileCount: Int = 0, path: String, identity: String
  ) throws(ModelFileError) {
    self.path = path
    self.form = form
    self.training = training
    self.validation = validation
    self.test = test
    self.otherFileCount = otherFileCount
    let (shape, color) = (training.shape, training.shape.channels == 1 ? "grey" : "colours")
    shapeExplanation = explanation ?? "the images are \(shape.height) × \(shape.width) pixels in \(color)."
    source = TabularProvenance.Source(name: path.split(separator: "/").last.map(String.init) ?? path, sha256: identity)
    for (set, what) in [(validation, "validation"), (test, "test")] {
      guard let set, set.shape != training.shape else { continue }
      throw ModelFileError(
        path, "expected images for \(what) of \(training.shape), as for training, found \(set.shape)")
    }
  }

  // MARK: - Folders

  private static let partNames = (
    training: ["train", "training"], validation: ["val", "valid", "validation"], test: ["test", "testing"]
  )

  /// - Parameter decide: finds the shape where none is given.
  private init(
    folder path: String, shape: ImageShape?, classes: [String]?,
    _ decide: (ImageFolder) throws(ModelFileError) -> ImageShapeDecision
  ) throws(ModelFileError) {
    let entries = try ImageFolder.entries(of: path).filter(\.isFolder).map(\.name).sorted()
    func part(_ names: [String]) -> String? { entries.first { names.contains($0.lowercased()) } }
    guard let trainingName = part(Self.partNames.training) else {
      let folder = try ImageFolder(path, classes: classes)
      let decision = shape == nil ? try decide(folder) : nil
      try self.init(
        .folder, ImageSet(folder, shape: shape ?? decision!.shape), explanation: decision?.explanation,
        otherFileCount: folder.otherFileCount, path: path, identity: folder.identity())
      return
    }
    let training = try ImageFolder("\(path)/\(trainingName)", classes: classes)
    let decision = shape == nil ? try decide(training) : nil
    let shape = shape ?? decision!.shape
    var folders = [training]
    func set(_ names: [String]) throws(ModelFileError) -> ImageSet? {
      guard let name = part(names) else { return nil }
      let folder = try ImageFolder("\(path)/\(name)", classes: training.classes)
      folders.append(folder)
      return ImageSet(folder, shape: shape)
    }
    let (validation, test) = (try set(Self.partNames.validation), try set(Self.partNames.test))
    try self.init(
      .folder, ImageSet(training, shape: shape), validation: validation, test: test,
      explanation: decision?.explanation, otherFileCount: folders.reduce(0) { $0 + $1.otherFileCount }, path: path,
      identity: SHA256.hexadecimal(Array(folders.map { $0.identity() }.joined(separator: "\n").utf8)))
  }

  // MARK: - Arrays

  private init(idxFolder path: String, classes: [String]?) throws(ModelFileError) {
    let training = try LabelledImages(idxFolder: path, .training)
    let set = try ImageSet(training.images, labels: training.labels, classes: classes, name: "\(path), training")
    var test: ImageSet?
    if LabelledImages.isThere(.test, in: path) {
      let part = try LabelledImages(idxFolder: path, .test)
      test = try ImageSet(part.images, labels: part.labels, classes: set.classes, name: "\(path), test")
    }
    try self.init(.idxFolder, set, test: test, path: path, identity: Self.digest(set, test))
  }

  private init(idxFile path: String, classes: [String]?) throws(ModelFileError) {
    let pair = try LabelledImages(idxImages: path)
    let set = try ImageSet(pair.images, labels: pair.labels, classes: classes, name: path)
    try self.init(.idxFile, set, path: path, identity: set.digest())
  }

  private init(arrays path: String, classes: [String]?) throws(ModelFileError) {
    let names = ["x_train", "y_train", "x_test", "y_test", "images", "labels"]
    let arrays = try NumPyArchive(contentsOf: path) { names.contains($0) }.tensors
    func set(_ images: String, _ labels: String, _ classes: [String]?) throws(ModelFileError) -> ImageSet? {
      guard let images = arrays[images], let labels = arrays[labels] else { return nil }
      return try ImageSet(images, labels: labels, classes: classes, name: path)
    }
    let stem = arrays["x_train"] == nil ? ("images", "labels") : ("x_train", "y_train")
    guard let training = try set(stem.0, stem.1, classes) else {
      throw ModelFileError(path, "expected arrays x_train and y_train, or images and labels, found others")
    }
    let test = try set("x_test", "y_test", training.classes)
    try self.init(.arrays, training, test: test, path: path, identity: Self.digest(training, test))
  }

  private static func digest(_ training: ImageSet, _ test: ImageSet?) throws(ModelFileError) -> String {
    let own = try training.digest()
    guard let test else { return own }
    return SHA256.hexadecimal(Array((own + (try test.digest())).utf8))
  }
}
