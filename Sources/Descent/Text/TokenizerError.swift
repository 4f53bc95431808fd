/// Why a tokenizer could not be read, made or used.
///
/// `description` is one sentence with the place and what was expected.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalidFile(file: String, line: Int?, problem: String)
  case unwritable(file: String, reason: String)
  /// Lines and columns count from 1, columns in Unicode scalars.
  case unknownCharacter(Unicode.Scalar, line: Int, column: Int, vocabularySize: Int)
  /// Positions count from 0.
  case unknownToken(Int, position: Int, vocabularySize: Int)
  case noCharacters
  case vocabularyTooSmall(size: Int, smallest: Int)
  case invalidSpecialToken(String, problem: String)

  public var description: String {
    switch self {
    case .invalidFile(let file, let line, let problem):
      sourcePlace(file, line: line) + ": \(problem)."
    case .unwritable(let file, let reason):
      "\(file): the file cannot be written (\(reason))."
    case .unknownCharacter(let scalar, let line, let column, let size):
      "Line \(line), column \(column): the character \(quoted(String(scalar))) (\(codePoint(scalar))) is not among the "
        + "\(size) of the vocabulary."
    case .unknownToken(let token, let position, let size):
      size == 0
        ? "Position \(position): expected no tokens as the vocabulary is empty, found \(token)."
        : "Position \(position): expected a token from 0 to \(size - 1), found \(token)."
    case .noCharacters:
      "Expected a text to take the vocabulary from, found an empty one."
    case .vocabularyTooSmall(let size, let smallest):
      "Expected a vocabulary of at least \(smallest) tokens, which are the bytes and the special tokens, found \(size)."
    case .invalidSpecialToken(let token, let problem):
      "The special token \(quoted(token)) \(problem)."
    }
  }
}

private func codePoint(_ scalar: Unicode.Scalar) -> String {
  let digits = String(scalar.value, radix: 16, uppercase: true)
  return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
