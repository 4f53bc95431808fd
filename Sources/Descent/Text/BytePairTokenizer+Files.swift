extension BytePairTokenizer {
  private static let versionLine = "#version: 0.2"

  /// Reads the two files that GPT-2's tokenizer and others of its kind are distributed as.
  ///
  /// - Parameters:
  ///   - vocabulary: A JSON object of tokens and their numbers, as `vocab.json` or `encoder.json`.
  ///   - merges: Two tokens a line, in the order in which they are merged, as `merges.txt` or `vocab.bpe`.
  ///   - specialTokens: The tokens that are neither bytes nor made by merges; nil stands for all of the form `<|…|>`.
  /// - Throws: `TokenizerError.invalidFile` with file, line and what was expected.
  public init(vocabulary: String, merges: String, specialTokens: [String]? = nil) throws(TokenizerError) {
    let source = try TokenizerSource(path: vocabulary)
    var scanner = try source.scanner()
    let entries = try VocabularyEntry.all(&scanner)
    try scanner.finish("the file")
    let mergeSource = try TokenizerSource(path: merges)
    self.init(
      try BytePairVocabulary(
        entries, in: source, merges: Self.lines(of: mergeSource), in: mergeSource, specialTokens: specialTokens))
  }

  /// Reads `vocab.json` and `merges.txt` in a folder, or `encoder.json` and `vocab.bpe`, as GPT-2's own are called.
  public init(folder: String, specialTokens: [String]? = nil) throws(TokenizerError) {
    let isOriginal = Self.isAbsent(folder + "/vocab.json") && !Self.isAbsent(folder + "/encoder.json")
    let names = isOriginal ? ("encoder.json", "vocab.bpe") : ("vocab.json", "merges.txt")
    try self.init(
      vocabulary: folder + "/" + names.0, merges: folder + "/" + names.1, specialTokens: specialTokens)
  }

  /// Writes `vocab.json` and `merges.txt` to a folder that is there; each appears complete or not at all.
  ///
  /// Special tokens that are not of the form `<|…|>` have to be named when the files are read.
  public func save(folder: String) throws(TokenizerError) {
    var json: [UInt8] = []
    appendVocabulary(to: &json)
    try writeTokenizerFile(json, to: folder + "/vocab.json")
    let lines = [Self.versionLine] + mergeTexts + [""]
    try writeTokenizerFile(Array(lines.joined(separator: "\n").utf8), to: folder + "/merges.txt")
  }

  private static func isAbsent(_ path: String) -> Bool { (try? FileCalls.system.target(path)) == .absent }

  private static func lines(of source: TokenizerSource) -> [SourceText] {
    var lines = source.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    if lines.first?.starts(with: "#version".utf8) == true { lines.removeFirst() }
    return lines.map { line in
      SourceText(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, offset: line.startIndex)
    }
  }

  private var mergeTexts: [String] {
    vocabulary.merges.pairs.map { pair in
      vocabulary.text(of: Int(pair.left)) + " " + vocabulary.text(of: Int(pair.right))
    }
  }

  private func appendVocabulary(to json: inout [UInt8]) {
    json.append(UInt8(ascii: "{"))
    for token in 0..<vocabularySize {
      json += (token == 0 ? "\n" : ",\n").utf8
      json.appendJSON(vocabulary.text(of: token))
      json += ": \(token)".utf8
    }
    json += "\n}".utf8
  }
}

extension BytePairTokenizer {
  public func jsonText() -> String {
    var json = Array("{\"tokenizer\": \"\(StoredTokenizer.Kind.bytePair)\", \"version\": ".utf8)
    json += "\(StoredTokenizer.version),\n\"specialTokens\": ".utf8
    json.appendJSON(vocabulary.specialTokens.sorted().map { vocabulary.text(of: $0) })
    json += ",\n\"vocabulary\": ".utf8
    appendVocabulary(to: &json)
    json += ",\n\"merges\": ".utf8
    json.appendJSON(mergeTexts)
    json.append(UInt8(ascii: "}"))
    return String(decoding: json, as: UTF8.self)
  }

  public init(jsonText: String, source: String) throws(TokenizerError) {
    try self.init(StoredTokenizer(jsonText: jsonText, source: source, expected: .bytePair))
  }

  init(_ stored: StoredTokenizer) throws(TokenizerError) {
    self.init(
      try BytePairVocabulary(
        stored.vocabulary, in: stored.source, merges: stored.merges, in: stored.source,
        specialTokens: stored.specialTokens))
  }
}
