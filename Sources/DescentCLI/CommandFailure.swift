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

  init(_ error: TabularError) {
    switch error {
    case .configuration: self = .usage(error.description)
    case .data, .tooFewRows, .modelFile, .nonFinitePrediction: self = .badData(error.description)
    case .training, .evaluation, .unwritable: self = .fault(error.description)
    }
  }

  init(_ error: ImageModelError) {
    switch error {
    case .configuration: self = .usage(error.description)
    case .file, .tooFewImages, .oneClass, .nonFinitePrediction: self = .badData(error.description)
    case .training, .unwritable: self = .fault(error.description)
    }
  }

  init(_ error: TextError) {
    switch error {
    case .configuration: self = .usage(error.description)
    // What a model cannot be asked is a matter of the prompt, or of the file it was read from.
    case .data, .tokenizer, .modelFile, .evaluation: self = .badData(error.description)
    case .training, .unwritable: self = .fault(error.description)
    }
  }

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

/// Runs library code and turns its errors into failures of the command.
func failing<R>(_ body: () throws(TabularError) -> R) throws(CommandFailure) -> R {
  do {
    return try body()
  } catch {
    throw CommandFailure(error)
  }
}

/// Runs library code for images and turns its errors into failures of the command.
func failing<R>(_ body: () throws(ImageModelError) -> R) throws(CommandFailure) -> R {
  do {
    return try body()
  } catch {
    throw CommandFailure(error)
  }
}

/// Runs library code for texts and turns its errors into failures of the command.
func failing<R>(_ body: () throws(TextError) -> R) throws(CommandFailure) -> R {
  do {
    return try body()
  } catch {
    throw CommandFailure(error)
  }
}

/// Runs library code that reads files and turns its errors into failures of the command.
func failing<R>(_ body: () throws(ModelFileError) -> R) throws(CommandFailure) -> R {
  do {
    return try body()
  } catch {
    throw .badData(error.description)
  }
}
