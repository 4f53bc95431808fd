public import DescentCore

/// Labelled images of one shape: in memory, or in files that are read when a batch asks for them.
///
/// ```swift
/// let folder = try ImageFolder("flowers")
/// let flowers = try ImageSet(folder, shape: ImageShapeDecision(of: folder).shape)
/// let rules = try ImageNormalization(fitting: flowers)
/// let train = flowers.dataset(rules, augmentation: Augmentation(.flipHorizontally()), seed: 1)
/// ```
public struct ImageSet: Sendable {
  /// What errors and reports call it.
  public let name: String
  public let shape: ImageShape
  public let classes: [String]
  /// The position of each image's class.
  public let labels: [Int]
  private let store: any ImageStore
  /// Where the images are in the store; nil where all are, in order.
  private let places: [Int]?

  /// Images in memory.
  ///
  /// - Parameters:
  ///   - images: uint8 [count, height, width] or [count, height, width, 1 or 3].
  ///   - labels: positions of classes [count].
  ///   - classes: the names of the classes; nil calls them "0", "1", … up to the largest.
  /// - Throws: `ModelFileError` with what is expected.
  public init(_ images: Tensor, labels: Tensor, classes: [String]? = nil, name: String) throws(ModelFileError) {
    let stored = try StoredImages(images, name: name)
    guard !labels.dtype.isFloat && labels.shape.elementCount == stored.count else {
      throw ModelFileError(
        name,
        "expected integers, a label for each of \(counted(stored.count, "image")), found \(labels.dtype.name) of shape "
          + text(labels.shape))
    }
    let values = labels.memory.array(of: Int.self)
    let most = classes?.count ?? TargetEncoding.maximumClasses
    if let wrong = values.first(where: { !(0..<most).contains($0) }) {
      throw ModelFileError(name, "expected labels from 0 to \(most - 1), found \(wrong)")
    }
    if let classes, Set(classes).count != classes.count {
      throw ModelFileError(name, "expected classes with different names, found one twice among \(listed(classes))")
    }
    self.name = name
    shape = stored.shape
    self.classes = classes ?? (0...values.max()!).map { "\($0)" }
    self.labels = values
    store = stored
    places = nil
  }

  /// Images in the files of a folder, each brought to the shape when it is read.
  public init(_ folder: ImageFolder, shape: ImageShape) {
    name = folder.path
    self.shape = shape
    classes = folder.classes
    labels = folder.labels
    store = ImageFiles(folder: folder, shape: shape)
    places = nil
  }

  private init(of whole: ImageSet, _ positions: [Int]) {
    name = whole.name
    shape = whole.shape
    classes = whole.classes
    labels = positions.map { whole.labels[$0] }
    store = whole.store
    places = positions.map { whole.places?[$0] ?? $0 }
  }

  public var count: Int { labels.count }

  /// The images at the given positions, in that order.
  public func subset(_ positions: [Int]) -> ImageSet { ImageSet(of: self, positions) }

  /// An image as networks see it but for the normalisation.
  public func image(_ position: Int) throws(ModelFileError) -> Image {
    var pixels = [UInt8](repeating: 0, count: shape.count)
    try pixels.withUnsafeMutableBufferPointer { (pixels) throws(ModelFileError) in try read(position, into: pixels) }
    return Image(height: shape.height, width: shape.width, channels: shape.channels, pixels: pixels)
  }

  /// What errors call an image: its file, or the set and its number from 0.
  public func name(of position: Int) -> String { store.name(of: places?[position] ?? position) }

  /// A file's whole path, where the name is that from the folder on.
  func fullName(of position: Int) -> String { store.fullName(of: places?[position] ?? position) }

  var isInMemory: Bool { store.isInMemory }

  func read(_ position: Int, into pixels: UnsafeMutableBufferPointer<UInt8>) throws(ModelFileError) {
    try store.read(places?[position] ?? position, into: pixels)
  }

  /// What tells images in memory and their labels from others: the SHA-256 of both.
  func digest() throws(ModelFileError) -> String {
    var bytes = labels.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    for position in 0..<count { bytes += try image(position).pixels }
    return SHA256.hexadecimal(bytes)
  }

  /// The shares of the images that training, validating and testing get; the same for the same seed, and the shares of
  /// each class.
  func split(validation: Double, test: Double, seed: UInt64) throws(DataError) -> Split {
    try Split(count: count, validation: validation, test: test, seed: seed, strata: labels)
  }
}

/// Where the images of a set come from.
protocol ImageStore: Sendable {
  var isInMemory: Bool { get }
  func name(of place: Int) -> String
  /// What tells an image from those of other sets too.
  func fullName(of place: Int) -> String
  func read(_ place: Int, into pixels: UnsafeMutableBufferPointer<UInt8>) throws(ModelFileError)
}

struct StoredImages: ImageStore {
  let memory: Memory
  let count: Int
  let shape: ImageShape
  let name: String
  let isInMemory = true

  func name(of place: Int) -> String { "\(name), image \(place)" }
  func fullName(of place: Int) -> String { name(of: place) }

  func read(_ place: Int, into pixels: UnsafeMutableBufferPointer<UInt8>) {
    memory.withBytes { bytes in
      let image = UnsafeRawBufferPointer(rebasing: bytes[place * shape.count..<(place + 1) * shape.count])
      UnsafeMutableRawBufferPointer(pixels).copyMemory(from: image)
    }
  }
}

private struct ImageFiles: ImageStore {
  let folder: ImageFolder
  let shape: ImageShape
  let isInMemory = false

  func name(of place: Int) -> String { folder.name(of: place) }
  func fullName(of place: Int) -> String { folder.file(place) }

  func read(_ place: Int, into pixels: UnsafeMutableBufferPointer<UInt8>) throws(ModelFileError) {
    try Image(contentsOf: folder.file(place)).write(to: pixels, as: shape)
  }
}

extension Image {
  /// Writes the pixels in another shape.
  func write(to pixels: UnsafeMutableBufferPointer<UInt8>, as shape: ImageShape) {
    let image = converted(toChannels: shape.channels).resized(height: shape.height, width: shape.width)
    _ = pixels.update(fromContentsOf: image.pixels)
  }
}
