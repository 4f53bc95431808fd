extension TextModel {
  /// Writes one `.safetensors` file: the weights, and as metadata the architecture, the tokenizer and the provenance as
  /// JSON. The file appears complete or not at all; equal models give equal bytes.
  public func save(to path: String) throws(TextError) {
    do {
      try network.save(to: path, tokenizer: tokenizer, provenance: ModelFile.json(provenance))
    } catch {
      throw .unwritable(error)
    }
  }

  /// Reads a file that `save(to:)` wrote. It is data: reading it runs nothing, and every value is checked.
  public init(contentsOf path: String) throws(TextError) {
    do {
      try self.init(reading: path)
    } catch {
      throw .modelFile(error)
    }
  }

  private init(reading path: String) throws(ModelFileError) {
    let parts = try TrainedModelFile<GPT, TextProvenance>(
      contentsOf: path, trainedOn: "a text", with: ModelFile.Key.tokenizer)
    guard let tokenizer = parts.file.tokenizer else { throw parts.isAnother }
    self.init(network: parts.network, tokenizer: tokenizer, provenance: parts.provenance)
    try checkFit(path)
  }

  /// Whether the parts belong to each other: a file may hold those of two models, or numbers that nothing has.
  private func checkFit(_ path: String) throws(ModelFileError) {
    guard network.configuration.vocabulary == tokenizer.vocabularySize else {
      throw ModelFileError(
        path,
        "the network knows \(counted(network.configuration.vocabulary, "token")), the tokenizer "
          + "\(tokenizer.vocabularySize)")
    }
    guard provenance.isPlausible else {
      throw ModelFileError(path, "expected the provenance of a model of a text, found numbers that none has")
    }
  }
}

extension TextProvenance {
  /// Whether the numbers are such as training gives.
  fileprivate var isPlausible: Bool {
    [characterCount, steps].allSatisfy { $0 >= 0 } && [loss.characters, loss.tokens].allSatisfy { $0 > 0 }
      && loss.perCharacter.isFinite && (try? configuration.check()) != nil
  }
}

/// Text from a file.
public enum TextFile {
  /// The text of a file in UTF-8, and what identifies its bytes. A mark of the byte order at its start is left out.
  ///
  /// - Throws: `TextError.data` if the file cannot be read or is no text.
  public static func read(_ path: String) throws(TextError) -> (text: String, source: TabularProvenance.Source) {
    let bytes: [UInt8]
    do {
      bytes = try readBytes(path)
    } catch CSVError.isFolder(let file) {
      throw .data("\(file): expected a text file, found a folder.")
    } catch {
      throw .data(error.description)
    }
    if let place = firstInvalidUTF8(in: bytes) {
      let line = 1 + bytes.prefix(place).count { $0 == UInt8(ascii: "\n") }
      let expected = bytes[place] == 0 ? "text" : "text in UTF-8"
      throw .data("\(path), line \(line): expected \(expected), found the byte \(hexadecimal(bytes[place])).")
    }
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return (
      String(decoding: text, as: UTF8.self),
      TabularProvenance.Source(name: name, sha256: SHA256.hexadecimal(bytes))
    )
  }
}
