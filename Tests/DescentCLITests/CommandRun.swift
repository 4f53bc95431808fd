import Foundation

/// One run of the built `descent`, as a shell would do it.
struct CommandRun {
  let exitCode: Int32
  let output: String
  let errors: String

  /// - Parameters:
  ///   - folder: the current folder of the command.
  ///   - file: what standard input is, instead of the text `input`.
  ///   - path: where standard output goes instead of `output`.
  ///   - environment: what is in its environment besides all that is in the tests' own.
  ///   - text: the command gets an interrupt signal once it has written this.
  init(
    _ arguments: [String], in folder: URL, input: String = "", inputFile file: URL? = nil, output path: String? = nil,
    environment: [String: String] = [:], interruptedAfter text: String? = nil
  ) throws {
    let process = Process()
    process.executableURL = try Self.binary
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder
    // Files instead of pipes: whatever the command writes, nobody waits for anybody.
    let names = ["input", "output", "errors"].map { folder.appending(path: ".run-\($0)") }
    try Data(input.utf8).write(to: names[0])
    for name in names[1...] { try Data().write(to: name) }
    process.standardInput = try FileHandle(forReadingFrom: file ?? names[0])
    process.standardOutput = try FileHandle(forWritingTo: path.map { URL(filePath: $0) } ?? names[1])
    process.standardError = try FileHandle(forWritingTo: names[2])
    try process.run()
    while let text, process.isRunning {
      if try String(contentsOf: names[1], encoding: .utf8).contains(text) {
        process.interrupt()
        break
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    process.waitUntilExit()
    exitCode = process.terminationStatus
    output = try String(contentsOf: names[1], encoding: .utf8)
    errors = try String(contentsOf: names[2], encoding: .utf8)
    for name in names { try FileManager.default.removeItem(at: name) }
  }

  /// Runs a command whose reader ends by the same interrupt, as in a shell that of `descent … | tee log` does.
  ///
  /// - Parameter text: what the command has written when both are interrupted.
  static func interruptedWithItsReader(
    _ arguments: [String], in folder: URL, after text: String
  ) throws -> (exitCode: Int32, errors: String) {
    let process = Process(), pipe = Pipe(), errors = folder.appending(path: ".run-errors")
    try Data().write(to: errors)
    process.executableURL = try binary
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    var output = Data()
    while !String(decoding: output, as: UTF8.self).contains(text) {
      let piece = pipe.fileHandleForReading.availableData
      if piece.isEmpty { break }
      output += piece
    }
    // In this order, or what it writes in between would end it.
    process.interrupt()
    try pipe.fileHandleForReading.close()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: errors, encoding: .utf8))
  }

  /// What a training says on standard error as soon as it is interrupted.
  static let interruption =
    "Interrupted: the best network so far is tested and written; Ctrl-C once more ends at once, without it.\n"

  /// The lines of standard output as JSON objects.
  func objects() throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
      guard let object = value as? [String: Any] else { throw NotAnObject(line: String(line)) }
      return object
    }
  }

  struct NotAnObject: Error {
    let line: String
  }

  struct NoBinary: Error {
    let folder: String
  }

  /// The test bundle lies beside the products of the package.
  private static var binary: URL {
    get throws {
      let paths = CommandLine.arguments.filter { $0.contains(".xctest") }
      for path in paths {
        var folder = URL(filePath: path)
        while folder.path.contains(".xctest") { folder = folder.deletingLastPathComponent() }
        let binary = folder.appending(path: "descent")
        if FileManager.default.isExecutableFile(atPath: binary.path) { return binary }
      }
      throw NoBinary(folder: paths.joined(separator: ", "))
    }
  }
}

enum TestFiles {
  static let iris = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Examples/Data/iris.csv").standardized.path

  /// Runs `body` with a folder that is removed afterwards.
  static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "descent-cli-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  static func write(_ text: String, _ name: String, in folder: URL) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  /// A small table on which training takes no time: y = 2·a, with a category beside.
  static let line =
    "a,kind,y\n" + (1...40).map { "\($0 % 13 + 1),\(["low", "high"][$0 % 2]),\(2 * ($0 % 13 + 1))\n" }.joined()
}
