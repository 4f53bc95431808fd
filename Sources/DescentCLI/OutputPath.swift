import Descent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where a command writes to, checked before work is spent on it.
struct OutputPath {
  let path: String

  /// - Parameters:
  ///   - inputs: files that are read and must never be written to.
  ///   - mayReplace: what a file that exists has to be for being replaced; nil lets it be any.
  init(_ path: String, inputs: [String], mayReplace: ((String) -> Bool)?) throws(CommandFailure) {
    self.path = path
    guard !path.isEmpty else { throw .usage("--output: expected the name of a file to write, found \"\".") }
    try check(inputs: inputs)
    let folder = Self.folder(of: path)
    guard Self.kind(of: folder) == .folder else {
      throw .usage("\(path): the folder \(folder) does not exist.")
    }
    switch Self.kind(of: path) {
    case .folder: throw .usage("\(path): expected the name of a file to write, found a folder.")
    case .file where mayReplace.map { !$0(path) } ?? false:
      throw .usage("\(path): this file exists and is not a model of descent; give another --output, or --force.")
    case .absent, .file:
      guard access(folder, W_OK) == 0 else { throw .usage("\(path): the folder \(folder) cannot be written to.") }
    case .other: break
    }
  }

  /// Refuses to write to a file that is read, or that belongs to the data: an image in a folder, the labels of images.
  /// What links in a folder lead to is known only when that has been listed.
  func check(inputs: [String]) throws(CommandFailure) {
    if inputs.contains(where: { Self.isSameFile($0, path) }) {
      throw .usage("\(path): this file is read, so the output needs another name.")
    }
    if inputs.contains(where: belongs) {
      throw .usage("\(path): this file belongs to the data that is read, so the output needs another name.")
    }
  }

  /// Whether there is a file of data in an input that is a folder, or beside an input in IDX files, which come together.
  private func belongs(to input: String) -> Bool {
    guard Self.isFile(path), let file = Self.resolved(path), let source = Self.resolved(input) else { return false }
    if Self.kind(of: source) == .folder {
      return Self.isData(file) && file.hasPrefix(source.hasSuffix("/") ? source : source + "/")
    }
    return Self.isIDX(source) && Self.isIDX(file) && Self.folder(of: file) == Self.folder(of: source)
  }

  /// Whether a name is one of images or arrays, also of those that cannot be read: what a command writes has others.
  private static func isData(_ path: String) -> Bool {
    let endings = ["png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "heic", "avif", "npy", "npz"]
    return isIDX(path) || endings.contains { path.lowercased().hasSuffix(".\($0)") }
  }

  private static func isIDX(_ path: String) -> Bool {
    let name = path.lowercased()
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    return ["-", "."].contains { mark in ["1", "3"].contains { plain.hasSuffix("\(mark)idx\($0)-ubyte") } }
  }

  /// The path of what is there, through all links; nil where there is nothing.
  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The name of the model for a data file: `fish.csv` → `fish.safetensors` in the current folder.
  static func modelName(for dataPath: String) -> String { stem(of: dataPath) + ".safetensors" }

  /// The name of a data file without its folder and its ending.
  static func stem(of dataPath: String) -> String {
    let name = dataPath.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? "model"
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    return stem.isEmpty ? name : stem
  }

  /// The name of the page beside a model: `fish.safetensors` → `fish.html`.
  static func page(for modelPath: String) -> String {
    let ending = ".safetensors"
    return (modelPath.hasSuffix(ending) ? String(modelPath.dropLast(ending.count)) : modelPath) + ".html"
  }

  /// Whether it is a pipe or a device, such as standard output, beside which nothing can be written.
  var isStream: Bool { Self.kind(of: path) == .other }

  static func isFile(_ path: String) -> Bool { kind(of: path) == .file }

  // MARK: - Writing

  /// Writes a text to a file, or where there is none to standard output.
  static func write(_ text: String, to output: OutputPath?) throws(FileWriteError) {
    guard let output else { return Output.write(text) }
    try AtomicFile.write(Array(text.utf8), to: output.path)
  }

  /// Writes a table as CSV to a file, or where there is none to standard output.
  static func write(_ table: Table, to output: OutputPath?) throws {
    guard let output else { return Output.write(try table.csvText()) }
    try table.write(csv: output.path)
  }

  private enum Kind { case absent, file, folder, other }

  private static func kind(of path: String) -> Kind {
    var information = stat()
    guard stat(path, &information) == 0 else { return .absent }
    switch information.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    default: return .other
    }
  }

  private static func isSameFile(_ left: String, _ right: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(left, &first) == 0, stat(right, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino && first.st_mode & S_IFMT == S_IFREG
  }

  /// Whether a path leads to the same place, where there need not be a file yet.
  func isPlace(of other: String) -> Bool { Self.place(of: path) == Self.place(of: other) }

  private static func place(of path: String) -> String? {
    resolved(folder(of: path)).map { $0 + "/" + (path.split(separator: "/").last ?? "") }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
