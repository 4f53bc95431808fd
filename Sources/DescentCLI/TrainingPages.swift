import Descent
import DescentPlots

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The page of HTML that training writes beside the model.
extension TrainCommand {
  /// Where it is written to: where the option says, or beside a model that is a file; nil if it is not wanted.
  func pagePath(besides model: OutputPath) throws(CommandFailure) -> OutputPath? {
    if let report, model.isPlace(of: report) {
      throw .usage("\(report): the model and the report need a file each.")
    }
    guard let path = report ?? (noReport || model.isStream ? nil : OutputPath.page(for: model.path)) else { return nil }
    guard force || !OutputPath.isFile(path) || Self.isPage(path) else {
      throw .usage(
        "\(path): this file exists and is not a report of descent; give another --report, or --no-report, or --force.")
    }
    return try OutputPath(path, inputs: [input.path], mayReplace: nil)
  }

  func write(_ html: String, to page: OutputPath) throws(CommandFailure) {
    do {
      try OutputPath.write(html, to: page)
    } catch {
      throw .fault("\(page.path): the file cannot be written (\(error.reason)).")
    }
  }

  /// What the command was called with, without its own name.
  static var words: [String] { Array(CommandLine.arguments.dropFirst()) }

  /// Whether the beginning of a file says that it is a report.
  private static func isPage(_ path: String) -> Bool {
    guard let file = fopen(path, "r") else { return false }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self).contains(Report.generatorTag)
  }
}

/// What is said of the command that made a model.
enum Repetition {
  static let same = "The same seed gives the same model:"

  /// - Parameter place: where, as "in epoch 3".
  static func interrupted(_ place: String) -> String {
    "Training was interrupted \(place). Without that, this gives another model:"
  }

  /// The words of a command with options in the place of those of the same names and of others; all of them take a value.
  static func words(
    _ words: [String], with options: [(name: String, value: String)], without others: [String]
  ) -> [String] {
    let names = Set(options.map(\.name) + others)
    let end = words.firstIndex(of: "--") ?? words.count
    var result: [String] = []
    var isValue = false
    for word in words[..<end] {
      if isValue {
        isValue = false
      } else if names.contains(word) {
        isValue = true
      } else if !names.contains(where: { word.hasPrefix("\($0)=") }) {
        result.append(word)
      }
    }
    return result + options.flatMap { [$0.name, $0.value] } + words[end...]
  }
}

/// Words as a shell reads them.
func shellText(_ words: [String]) -> String {
  words.map { word in
    let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=,:+".contains($0)) }
    if isPlain && !word.isEmpty { return word }
    let parts = word.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: "'\\''") + "'"
  }.joined(separator: " ")
}
