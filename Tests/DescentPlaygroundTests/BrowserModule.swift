import Foundation

/// The WebAssembly module, built by the repository's own script and run in Node.
enum BrowserModule {
  /// One training run, as `Browser/curves.mjs` reads it.
  private struct Run: Encodable {
    let settings: [String: Setting]
    let steps: Int
    let points: [Float]
  }

  enum Setting: Encodable {
    case name(String)
    case names([String])
    case number(Double)
    case numbers([Int])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .name(let value): try container.encode(value)
      case .names(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .numbers(let value): try container.encode(value)
      }
    }
  }

  /// What came of it: curves, or why the settings were refused.
  struct Outcome: Decodable {
    let curves: Curves?
    let refusal: String?

    private enum CodingKeys: CodingKey { case refusal }

    init(from decoder: any Decoder) throws {
      refusal = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .refusal)
      curves = refusal == nil ? try Curves(from: decoder) : nil
    }
  }

  struct Curves: Decodable {
    let points: [Float]
    let labels: [Float]
    let losses: [Float]
    let trainingLoss: Float
    let testLoss: Float
    let predictions: [Float]
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The tools a Swift toolchain for Linux brings, and Node; nil if they are there.
  static let missing: String? = {
    let script = """
      command -v node >/dev/null || { echo node; exit; }
      tools=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\\(.*\\)".*/\\1/p')/../../bin
      PATH="$tools:$PATH" command -v wasm-ld >/dev/null || echo wasm-ld
      """
    let output = (try? run("/bin/sh", ["-c", script])) ?? "a shell"
    return output.isEmpty ? nil : output.trimmingCharacters(in: .whitespacesAndNewlines)
  }()

  /// Builds the module, once a test run, and gives its size in bytes.
  static let size: Result<Int, Failure> = Result { () throws(Failure) in
    let output = try run(root.appending(path: "Browser/build.sh").path, [])
    guard let bytes = output.split(separator: " ").first.flatMap({ Int($0) }) else {
      throw Failure(description: "build.sh printed no size: \(output)")
    }
    return bytes
  }

  /// Trains a network in Node, and asks it for its output at points x, y, x, y, …
  static func train(_ settings: [String: Setting], steps: Int = 1, points: [Float] = []) throws -> Outcome {
    _ = try size.get()
    let run = Run(settings: settings, steps: steps, points: points)
    let request = String(decoding: try JSONEncoder().encode([run]), as: UTF8.self)
    let output = try self.run("/usr/bin/env", ["node", root.appending(path: "Browser/curves.mjs").path, request])
    return try JSONDecoder().decode([Outcome].self, from: Data(output.utf8))[0]
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func run(_ path: String, _ arguments: [String]) throws(Failure) -> String {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      throw Failure(description: "\(path) does not start: \(error)")
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(path) ended with status \(process.terminationStatus)")
    }
    return text
  }
}
