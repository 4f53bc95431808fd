import ArgumentParser
import Descent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The command `descent`; each subcommand is a file of its own.
@main
struct DescentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "descent",
    abstract: "Neural networks from data, without writing code.",
    discussion: """
      descent train iris.csv --predict species   trains and tests a network
      descent predict iris.safetensors new.csv   predicts the rows of a file
      descent evaluate iris.safetensors new.csv  scores against known answers
      descent inspect iris.safetensors           says what is in a model file
      descent generate tales.safetensors         lets a language model write

      Data are a CSV file, images, a series in a column of a CSV file, or a text; the help of each command says more.

      Exit codes: 0 done, 64 wrong usage, 65 wrong data, 70 anything else, 130 interrupted.
      """,
    version: descentVersion,
    subcommands: [
      TrainCommand.self, PredictCommand.self, EvaluateCommand.self, InspectCommand.self, GenerateCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try checkEnvironment()
      try command.run()
    } catch let failure as CommandFailure {
      failure.exit()
    } catch let code as ExitCode {
      exit(withError: code)
    } catch  where exitCode(for: error).isSuccess {
      Output.write(fullMessage(for: error) + "\n")
    } catch {
      CommandFailure.usage(sentence(message(for: error))).exit()
    }
  }

  /// Refuses a wish in the environment that would be passed over.
  private static func checkEnvironment() throws(CommandFailure) {
    guard let wish = getenv("DESCENT_THREADS").map({ String(cString: $0) }), !wish.isEmpty else { return }
    guard let count = Int(wish), count > 0 else {
      throw .usage("DESCENT_THREADS: expected a whole number above 0, found \"\(wish)\".")
    }
  }

  /// What the parser says, as one sentence on one line.
  private static func sentence(_ message: String) -> String {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.last.map { ".?!".contains($0) } ?? true ? line : line + "."
  }
}
