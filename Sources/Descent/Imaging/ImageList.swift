import DescentCPU
import DescentCore

/// Images whose classes are not known: files, and arrays of images in files.
///
/// ```swift
/// let images = try ImageList(["rose.jpg", "garden/", "digits.npy", "t10k-images-idx3-ubyte.gz"])
/// let answers = try model.predict(images)
/// ```
public struct ImageList: Sendable {
  /// Where an image is.
  public struct Entry: Sendable, Hashable {
    public let file: String
    /// Its number in the array of its file, from 0; nil if the file is the image.
    public let number: Int?

    /// What errors call it.
    var name: String { number.map { "\(file), image \($0)" } ?? file }
  }

  public let entries: [Entry]
  /// The arrays by the files they are in.
  private let arrays: [String: StoredImages]

  public var count: Int { entries.count }

  /// Files of images, which are read when they are needed.
  public init(files: [String]) {
    entries = files.map { Entry(file: $0, number: nil) }
    arrays = [:]
  }

  /// The images at paths, which may be
  ///
  /// - PNG and JPEG files, and folders of them and of such folders;
  /// - IDX files of images, plain or packed by gzip, and folders with those of MNIST and its kin, of which the test is taken
  ///   if there is one;
  /// - `.npy` files, and `.npz` files with one array or one that is called `images`, `x_test` or `x_train`.
  ///
  /// Arrays are uint8 of shape [count, height, width] or [count, height, width, 1 or 3]. What a file is follows from how
  /// it begins, not from its name.
  ///
  /// - Throws: `ModelFileError` if there is something else, or nothing, at a path.
  public init(_ paths: [String]) throws(ModelFileError) {
    var entries: [Entry] = []
    var arrays: [String: StoredImages] = [:]
    for path in paths {
      let file = LabelledImages.unlabelled(in: path) ?? path
      guard let tensor = try Tensor(imagesIn: file) else {
        entries += try ImageFolder.files(at: [path]).map { Entry(file: $0, number: nil) }
        continue
      }
      let stored = try StoredImages(tensor, name: file)
      arrays[file] = stored
      entries += (0..<stored.count).map { Entry(file: file, number: $0) }
    }
    self.entries = entries
    self.arrays = arrays
  }

  /// Writes the pixels of an image in a shape. Files are brought to it, arrays have to have it.
  func read(
    _ position: Int, as shape: ImageShape, into pixels: UnsafeMutableBufferPointer<UInt8>
  ) throws(ModelFileError) {
    let entry = entries[position]
    guard let number = entry.number, let array = arrays[entry.file] else {
      return try Image(contentsOf: entry.file).write(to: pixels, as: shape)
    }
    guard array.shape == shape else {
      throw ModelFileError(
        entry.file, "expected images of \(shape), as the model was trained on, found \(array.shape)")
    }
    array.read(number, into: pixels)
  }
}

extension StoredImages {
  /// The images of an array; one channel need not be an axis.
  init(_ images: Tensor, name: String) throws(ModelFileError) {
    let axes = images.shape.count == 3 ? images.shape + [1] : images.shape
    guard images.dtype == .uint8 && axes.count == 4 && [1, 3].contains(axes[3]) && axes.elementCount > 0 else {
      throw ModelFileError(
        name,
        "expected images, uint8 of shape [count, height, width] or [count, height, width, 1 or 3], found "
          + "\(images.dtype.name) of shape \(text(images.shape))")
    }
    self.init(
      memory: images.memory, count: axes[0], shape: ImageShape(height: axes[1], width: axes[2], channels: axes[3]),
      name: name)
  }
}

extension Tensor {
  /// The array of images in a file; nil where that does not begin as one of arrays does.
  fileprivate init?(imagesIn path: String) throws(ModelFileError) {
    guard !ImageFolder.isFolder(path) else { return nil }
    let source = try ModelFileSource(path: path)
    let start = try source.read(0..<Swift.min(6, source.byteCount))
    if start.starts(with: [0, 0]) || start.starts(with: [0x1F, 0x8B]) {
      try self.init(idx: path)
    } else if start == [0x93] + Array("NUMPY".utf8) {
      try self.init(npy: path)
    } else if start.starts(with: "PK".utf8) {
      self = try Self.images(inArchive: path)
    } else {
      return nil
    }
  }

  private static func images(inArchive path: String) throws(ModelFileError) -> Tensor {
    var names: [String] = []
    _ = try NumPyArchive(contentsOf: path) { name in
      names.append(name)
      return false
    }
    let known = ["images", "x_test", "x_train"].first { names.contains($0) }
    guard let name = known ?? (names.count == 1 ? names[0] : nil),
      let tensor = try NumPyArchive(contentsOf: path, where: { $0 == name }).tensors[name]
    else {
      throw ModelFileError(
        path, "expected one array, or one that is called images, x_test or x_train, found \(printable(listed(names)))")
    }
    return tensor
  }
}

extension LabelledImages {
  /// The images of a folder as MNIST and its kin come in: those to test, or else those to train; nil in other folders.
  fileprivate static func unlabelled(in folder: String) -> String? {
    guard ImageFolder.isFolder(folder) else { return nil }
    return imageFile(.test, in: folder) ?? imageFile(.training, in: folder)
  }
}
