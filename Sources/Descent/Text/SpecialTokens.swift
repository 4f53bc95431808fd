/// The texts that are tokens of their own, such as `<|endoftext|>`, found in other text.
struct SpecialTokens: Sendable {
  /// The longest first, as one may begin with another.
  private let texts: [(utf8: [UInt8], token: Int)]
  private var isFirst = [Bool](repeating: false, count: 256)

  init(of vocabulary: BytePairVocabulary) {
    texts = vocabulary.specialTokens.map { (utf8: Array(vocabulary.tokens[$0]), token: $0) }
      .sorted { ($1.utf8.count, $0.token) < ($0.utf8.count, $1.token) }
    for text in texts { isFirst[Int(text.utf8[0])] = true }
  }

  /// None, so that all text is text.
  static let none = SpecialTokens(of: BytePairVocabulary())

  /// Calls `body` with the stretches of text between the tokens and with the tokens, in order.
  func cut(_ bytes: [UInt8], _ body: (_ text: ArraySlice<UInt8>, _ token: Int?) -> Void) {
    var start = 0
    var position = 0
    while !texts.isEmpty && position < bytes.count {
      if isFirst[Int(bytes[position])],
        let found = texts.first(where: { bytes[position...].starts(with: $0.utf8) })
      {
        body(bytes[start..<position], found.token)
        position += found.utf8.count
        start = position
      } else {
        position += 1
      }
    }
    body(bytes[start...], nil)
  }
}
