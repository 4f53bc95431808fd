/// A text that a tokenizer is read from, with what errors call it.
struct TokenizerSource {
  /// No tokenizer in use comes near it.
  static let mostBytes = 100_000_000

  let name: String
  let bytes: [UInt8]

  init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  init(path: String) throws(TokenizerError) {
    name = path
    do throws(ModelFileError) {
      let file = try ModelFileSource(path: path)
      guard file.byteCount <= Self.mostBytes else {
        throw ModelFileError(path, "expected a file of at most \(Self.mostBytes) bytes, found \(file.byteCount)")
      }
      bytes = try file.read(0..<file.byteCount)
    } catch {
      throw .invalidFile(file: path, line: nil, problem: error.problem)
    }
  }

  /// All of it as text.
  func text() throws(TokenizerError) -> String {
    try checkUTF8()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads it as JSON.
  func scanner() throws(TokenizerError) -> JSONScanner<TokenizerError> {
    try checkUTF8()
    return JSONScanner(bytes) { [self] scanner, expected, offset in
      error("expected \(expected), found \(scanner.found(at: offset, end: "the end"))", at: offset)
    }
  }

  func error(_ problem: String, at offset: Int) -> TokenizerError {
    .invalidFile(file: name, line: 1 + bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") }, problem: problem)
  }

  func error(_ problem: String) -> TokenizerError { .invalidFile(file: name, line: nil, problem: problem) }

  private func checkUTF8() throws(TokenizerError) {
    // A NUL is a character that JSON does not allow, and is reported as that.
    if let offset = firstInvalidUTF8(in: bytes), bytes[offset] != 0 {
      throw error("expected text in UTF-8, found the byte \(hexadecimal(bytes[offset]))", at: offset)
    }
  }
}

/// A piece of a source: the text of a token or of a merge.
struct SourceText {
  let utf8: ArraySlice<UInt8>
  /// Where it stands in the source.
  let offset: Int

  init(_ utf8: ArraySlice<UInt8>, offset: Int) {
    self.utf8 = utf8
    self.offset = offset
  }

  init(_ text: String, offset: Int) { self.init(Array(text.utf8)[...], offset: offset) }
}

/// As messages show it.
func quoted(_ utf8: ArraySlice<UInt8>) -> String { quoted(String(decoding: utf8, as: UTF8.self)) }
