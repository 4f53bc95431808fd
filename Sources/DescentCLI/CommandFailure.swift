import Descent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a command stops, as one sentence and an exit code of sysexits(3).
enum CommandFailure: Error {
  case usage(String)
  case badData(String)
  case fault(String)

  func exit() -> Never {
    switch self {
    case .usage(let sentence): leave(64, sentence)
    case .badData(let sentence): leave(65, sentence)
    case .fault(let sentence): leave(70, sentence)
    }
  }

  private func leave(_ code: Int32, _ sentence: String) -> Never {
    Output.writeError("descent: \(printable(sentence))\n")
    #if canImport(Glibc)
      Glibc.exit(code)
    #elseif canImport(Musl)
      Musl.exit(code)
    #else
      Darwin.exit(code)
    #endif
  }
}

/// An error of the library, which says how a command ends because of it.
protocol CommandError: Error {
  var failure: CommandFailure { get }
}

/// Runs library code and turns its errors into failures of the command.
func failing<R, Failure: CommandError>(_ body: () throws(Failure) -> R) throws(CommandFailure) -> R {
  do {
    return try body()
  } catch {
    throw error.failure
  }
}

extension ModelFileError: CommandError {
  var failure: CommandFailure { .badData(description) }
}

extension TabularError: CommandError {
  var failure: CommandFailure {
    switch self {
    case .configuration(let problem): .usage(problem.sentence(of: TrainCommand.words))
    case .data, .tooFewRows, .modelFile, .nonFinitePrediction: .badData(description)
    case .training(let error): .fault(error.sentences(of: TrainCommand.words))
    case .evaluation, .unwritable: .fault(description)
    }
  }
}

extension ImageModelError: CommandError {
  var failure: CommandFailure {
    switch self {
    case .configuration(let problem): .usage(problem.sentence(of: TrainCommand.words))
    case .file, .tooFewImages, .oneClass, .nonFinitePrediction: .badData(description)
    case .training(let error): .fault(error.sentences(of: TrainCommand.words))
    case .unwritable: .fault(description)
    }
  }
}

extension SeriesError: CommandError {
  var failure: CommandFailure {
    switch self {
    case .configuration(let problem): .usage(problem.sentence(of: TrainCommand.words))
    case .data, .missingValue, .constant, .expectedDate, .unsortedDates, .repeatedDate, .tooShort, .expectedPositive,
      .nonFiniteForecast, .modelFile:
      .badData(description)
    case .training(let error): .fault(error.sentences(of: TrainCommand.words))
    case .evaluation, .unwritable: .fault(description)
    }
  }
}

extension TextError: CommandError {
  var failure: CommandFailure {
    switch self {
    case .configuration(let problem): .usage(problem.sentence(of: TrainCommand.words))
    // What a model cannot be asked is a matter of the prompt, or of the file it was read from.
    case .data, .tokenizer, .modelFile, .evaluation: .badData(description)
    case .training(let error): .fault(error.sentences(of: TrainCommand.words))
    case .unwritable: .fault(description)
    }
  }

  /// The error of a text whose name the library does not know: "new.txt: line 3, column 7: …".
  func located(in source: String) -> TextError {
    switch self {
    case .data, .tokenizer: .data("\(source): \(description.prefix(1).lowercased())\(description.dropFirst())")
    default: self
    }
  }
}
