public import DescentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Images and their classes, as MNIST and Fashion-MNIST come in a folder of IDX files.
///
/// ```swift
/// let digits = try LabelledImages(idxFolder: "mnist", .training)
/// let train = Dataset(inputs: digits.images.cast(to: .float32) / 255, targets: digits.labels)
/// ```
public struct LabelledImages: Sendable {
  /// The two parts such a data set is published in.
  public enum Part: String, Sendable {
    case training = "train"
    case test = "t10k"
  }

  /// uint8 [count, height, width].
  public let images: Tensor
  /// uint8 [count].
  public let labels: Tensor

  /// Reads `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or those with `t10k` instead of `train`; each may
  /// end in `.gz` and be packed by gzip, and may have a point before `idx`.
  ///
  /// - Throws: `ModelFileError` if one is missing, is something else, or has another count than the other.
  public init(idxFolder folder: String, _ part: Part) throws(ModelFileError) {
    try self.init(
      Self.path(in: folder, "\(part.rawValue)-images", "idx3-ubyte"),
      labels: Self.path(in: folder, "\(part.rawValue)-labels", "idx1-ubyte"))
  }

  /// Reads an IDX file of images whose name has `images` in it, and that of the labels, which is called as it but for
  /// `labels` and `idx1`, with or without `.gz`.
  ///
  /// - Throws: `ModelFileError` if one is missing, is something else, or has another count than the other.
  public init(idxImages path: String) throws(ModelFileError) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    guard let stem = name.indices.first(where: { name[$0...].hasPrefix("-images") }) else {
      throw ModelFileError(path, "expected a name such as train-images-idx3-ubyte, beside which the labels are found")
    }
    try self.init(path, labels: Self.path(in: folder, "\(name[..<stem])-labels", "idx1-ubyte"))
  }

  private init(_ imagePath: String, labels labelPath: String) throws(ModelFileError) {
    images = try Tensor(idx: imagePath)
    labels = try Tensor(idx: labelPath)
    guard images.dtype == .uint8 && images.rank == 3 else {
      throw ModelFileError(
        imagePath, "expected images, uint8 of three axes, found \(images.dtype.name) of shape \(text(images.shape))")
    }
    guard labels.dtype == .uint8 && labels.rank == 1 else {
      throw ModelFileError(
        labelPath, "expected labels, uint8 of one axis, found \(labels.dtype.name) of shape \(text(labels.shape))")
    }
    guard images.shape[0] == labels.shape[0] else {
      throw ModelFileError(
        labelPath,
        "expected \(counted(images.shape[0], "label")), one for each image of \(imagePath), found \(labels.shape[0])")
    }
  }

  /// Whether a folder has a file of images of a part.
  static func isThere(_ part: Part, in folder: String) -> Bool { imageFile(part, in: folder) != nil }

  /// The path of a folder's file of images of a part, if there is one.
  static func imageFile(_ part: Part, in folder: String) -> String? {
    let name = names("\(part.rawValue)-images", "idx3-ubyte").first { access("\(folder)/\($0)", F_OK) == 0 }
    return name.map { folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)" }
  }

  private static func names(_ stem: String, _ kind: String) -> [String] {
    ["\(stem)-\(kind)", "\(stem)-\(kind).gz", "\(stem).\(kind)", "\(stem).\(kind).gz"]
  }

  private static func path(in folder: String, _ stem: String, _ kind: String) throws(ModelFileError) -> String {
    let names = names(stem, kind)
    guard let name = names.first(where: { access("\(folder)/\($0)", F_OK) == 0 }) else {
      throw ModelFileError(folder, "expected a folder with \(names[0]) or \(names[1]), found neither")
    }
    return "\(folder)/\(name)"
  }
}
