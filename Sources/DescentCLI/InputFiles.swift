import ArgumentParser
import Descent

/// A data file as the command line names it.
struct DataArguments: ParsableArguments {
  @Argument(help: "A CSV file with a header line, or - for standard input; or images, or a text.")
  var data: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What separates fields: one character, or tab. Found by itself if not given.", valueName: "c"))
  var delimiter: String?

  init() {}

  init(_ data: String, delimiter: String?) {
    self.data = data
    self.delimiter = delimiter
  }

  func validate() throws { try Self.check(data, delimiter: delimiter) }

  static func check(_ data: String, delimiter: String?) throws {
    if data.isEmpty { throw ValidationError("Expected the name of a CSV file, or - for standard input, found \"\".") }
    _ = try delimiter.map { try OptionReading("--delimiter").delimiter($0) }
  }

  var path: String { data == "-" ? "/dev/stdin" : data }
  var kind: InputKind { InputKind(of: path) }

  /// The table with the very texts of its cells, for writing it again.
  func spelledTable() throws(CommandFailure) -> Table {
    do {
      return try Table.spelled(csv: path, delimiter: character)
    } catch {
      throw .badData(error.description)
    }
  }

  private var character: Character? { delimiter.flatMap { try? OptionReading("--delimiter").delimiter($0) } }

  /// The table, and what identifies the bytes it was read from.
  ///
  /// - Parameter hint: what may have been meant by a file whose lines are no rows, which ends the sentence.
  func read(hint: String = "") throws(CommandFailure) -> (table: Table, source: TabularProvenance.Source) {
    do {
      return try Table.identified(csv: path, delimiter: character)
    } catch {
      switch error {
      case .raggedRow, .unterminatedQuote, .textAfterQuote, .duplicateName:
        throw .badData(error.description.dropLast() + hint + ".")
      default: break
      }
      throw .badData(error.description)
    }
  }
}
