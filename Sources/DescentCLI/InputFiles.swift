import ArgumentParser
import Descent

/// A data file as the command line names it.
struct DataArguments: ParsableArguments {
  @Argument(help: "A CSV file with a header line, or - for standard input.")
  var data: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What separates fields: one character, or tab. Found by itself if not given.", valueName: "c"))
  var delimiter: String?

  func validate() throws { _ = try delimiter.map { try OptionReading("--delimiter").delimiter($0) } }

  var path: String { data == "-" ? "/dev/stdin" : data }

  func table() throws(CommandFailure) -> Table { try read().table }

  /// The table, and what identifies the bytes it was read from.
  func read() throws(CommandFailure) -> (table: Table, source: TabularProvenance.Source) {
    do {
      return try Table.identified(
        csv: path, delimiter: delimiter.flatMap { try? OptionReading("--delimiter").delimiter($0) })
    } catch {
      throw .badData(error.description)
    }
  }
}

func readModel(_ path: String) throws(CommandFailure) -> TabularModel {
  try failing { () throws(TabularError) in try TabularModel(contentsOf: path) }
}
