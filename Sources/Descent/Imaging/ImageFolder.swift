#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The image files of a folder that has a folder for each class: listed, not read.
///
/// ```swift
/// let flowers = try ImageFolder("flowers")          // flowers/rose/1.jpg, flowers/tulip/a/2.png, …
/// print(flowers.classes, flowers.count)
/// ```
public struct ImageFolder: Sendable {
  public let path: String
  /// The names of the folders, sorted: by value if all are numbers, else by their Unicode scalars.
  public let classes: [String]
  /// The position of each file's class.
  public let labels: [Int]
  /// How many files have names that end in something else.
  public let otherFileCount: Int
  /// The names of the files below the folder of their class; those of a class one after the other, sorted.
  private let names: [String]

  public var count: Int { names.count }

  /// The path of a file.
  public func file(_ position: Int) -> String { "\(path)/\(name(of: position))" }

  /// The path of a file from the folder on.
  public func name(of position: Int) -> String { "\(classes[labels[position]])/\(names[position])" }

  /// Lists the files whose names end in png, jpg or jpeg, in letters of any case, in the folders of the classes and
  /// the folders in them. What begins with a point is passed over.
  ///
  /// - Parameter known: The classes there may be; nil lets each folder be one.
  /// - Throws: `ModelFileError` if there is no folder, or one that is no class or has no image.
  public init(_ path: String, classes known: [String]? = nil) throws(ModelFileError) {
    let folders = try Self.entries(of: path).filter(\.isFolder).map(\.name)
    guard !folders.isEmpty else {
      throw ModelFileError(path, "expected a folder with a folder of images for each class, found none")
    }
    // Names that a disk tells apart may be one text: é, and e with an accent.
    let counts = Dictionary(folders.map { ($0, 1) }, uniquingKeysWith: +)
    if let twice = counts.first(where: { $0.value > 1 })?.key {
      throw ModelFileError(path, "expected folders with different names, found two that read \(quoted(twice))")
    }
    if let known, let other = folders.sorted().first(where: { !known.contains($0) }) {
      throw ModelFileError(
        "\(path)/\(other)", "expected a folder for one of the classes \(listed(known)), found \(quoted(other))")
    }
    let classes = known ?? sortedLevels(folders)
    var (names, labels, others): ([String], [Int], Int) = ([], [], 0)
    for (label, name) in classes.enumerated() where folders.contains(name) {
      let found = try Self.files(in: "\(path)/\(name)", depth: 0)
      guard !found.images.isEmpty else {
        throw ModelFileError("\(path)/\(name)", "expected images, files that end in .png, .jpg or .jpeg, found none")
      }
      names += found.images.sorted()
      labels += repeatElement(label, count: found.images.count)
      others += found.others
    }
    self.path = path
    self.classes = classes
    self.names = names
    self.labels = labels
    otherFileCount = others
  }

  /// A text that changes with the names and the sizes of the files.
  package func identity() -> String {
    var bytes: [UInt8] = []
    for position in names.indices {
      var status = stat()
      let size = stat(file(position), &status) == 0 ? Int(status.st_size) : -1
      bytes += "\(name(of: position))\t\(size)\n".utf8
    }
    return SHA256.hexadecimal(bytes)
  }

  // MARK: - Listing

  /// The image files at paths: those that are files, and of folders all in them and in the folders in them, sorted.
  package static func files(at paths: [String]) throws(ModelFileError) -> [String] {
    var result: [String] = []
    for path in paths {
      guard isFolder(path) else {
        result.append(path)
        continue
      }
      let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
      let images = try files(in: folder, depth: 0).images.sorted()
      guard !images.isEmpty else {
        throw ModelFileError(path, "expected images, files that end in .png, .jpg or .jpeg, found none")
      }
      result += images.map { "\(folder)/\($0)" }
    }
    return result
  }

  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  struct Entry {
    let name: String
    let isFolder: Bool
  }

  /// Links to folders may lead back to where one came from.
  private static let mostDepth = 16

  private static func files(in path: String, depth: Int) throws(ModelFileError) -> (images: [String], others: Int) {
    guard depth < mostDepth else { throw ModelFileError(path, "expected at most \(mostDepth) folders in one another") }
    var (images, others): ([String], Int) = ([], 0)
    for entry in try entries(of: path) {
      if entry.isFolder {
        let inner = try files(in: "\(path)/\(entry.name)", depth: depth + 1)
        images += inner.images.map { "\(entry.name)/\($0)" }
        others += inner.others
      } else if ImageFormat.hasEnding(entry.name) {
        images.append(entry.name)
      } else {
        others += 1
      }
    }
    return (images, others)
  }

  /// What a folder holds and does not hide, in no order.
  static func entries(of path: String) throws(ModelFileError) -> [Entry] {
    guard let folder = opendir(path) else {
      let error = SystemError.last
      let problem =
        switch error.code {
        case ENOENT: "no such folder"
        case ENOTDIR: "expected a folder, found a file"
        default: "the folder cannot be read (\(error.reason))"
        }
      throw ModelFileError(path, problem)
    }
    defer { closedir(folder) }
    var result: [Entry] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: name.pointee)) {
          String(cString: $0)
        }
      }
      guard !name.hasPrefix(".") else { continue }
      var kind = Int32(entry.pointee.d_type)
      if kind != Int32(DT_DIR) && kind != Int32(DT_REG) {
        kind = isFolder("\(path)/\(name)") ? Int32(DT_DIR) : 0
      }
      result.append(Entry(name: name, isFolder: kind == Int32(DT_DIR)))
    }
    return result
  }
}

extension ImageFormat {
  /// Whether a name ends as those of image files do.
  static func hasEnding(_ name: String) -> Bool {
    guard let point = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: point)...].lowercased())
  }
}
