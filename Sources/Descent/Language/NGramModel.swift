#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Predicts a character from the few before it by counting what followed them: what a network that reads text has to
/// beat.
///
/// P(c | h) = (n(hc) + t(h) · P(c | h′)) / (n(h) + t(h)), where n counts occurrences, t(h) is how many characters ever
/// followed h, and h′ lacks the first character of h; without context P(c) falls back on all characters alike (Witten &
/// Bell 1991).
public struct NGramModel: Sendable {
  /// The most characters of context.
  public let order: Int
  /// How many different characters there are, those seen in training and one for all others.
  public let alphabet: Int
  private let numbers: [Unicode.Scalar: UInt64]
  /// By length of the context: how often each context and next character occurred.
  private var pairs: [[UInt64: Int32]]
  /// By length of the context: how often each occurred, and how many characters ever followed it.
  private var contexts: [[UInt64: (count: Int32, followers: Int32)]]

  /// More characters than this are not counted: the counts of a longer text would fill the memory.
  public static let mostCharacters = 4_000_000

  /// Counts the characters of a text.
  ///
  /// - Parameter order: from 0 to 5.
  public init(_ text: some Sequence<Unicode.Scalar>, order: Int) {
    precondition((0...5).contains(order), "NGramModel: the order \(order) is not from 0 to 5")
    self.order = order
    let scalars = Array(text.prefix(Self.mostCharacters))
    let known = Set(scalars).sorted().prefix(1022)
    numbers = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, UInt64($0 + 2)) })
    alphabet = known.count + 1
    pairs = Array(repeating: [:], count: order + 1)
    contexts = Array(repeating: [:], count: order + 1)
    count(scalars.map { numbers[$0] ?? Self.unknown })
  }

  private static let unknown: UInt64 = 1
  /// Bits of a character's number in a key; 0 stands for nothing.
  private static let bits: UInt64 = 10

  private mutating func count(_ text: [UInt64]) {
    for length in 0...order where text.count > length {
      let mask = (UInt64(1) << (Self.bits * UInt64(length))) - 1
      var context: UInt64 = 0
      for (place, character) in text.enumerated() {
        if place >= length {
          let isNew = pairs[length][context << Self.bits | character] == nil
          pairs[length][context << Self.bits | character, default: 0] += 1
          contexts[length][context, default: (0, 0)].count += 1
          if isNew { contexts[length][context]!.followers += 1 }
        }
        context = (context << Self.bits | character) & mask
      }
    }
  }

  /// The means of −ln P over the characters of a text, in nats, with up to 0, 1, … `order` characters of context; NaN
  /// where the text is empty.
  public func losses(_ text: some Sequence<Unicode.Scalar>) -> [Double] {
    var totals = [Double](repeating: 0, count: order + 1)
    var (place, context) = (0, UInt64(0))
    for scalar in text {
      let character = numbers[scalar] ?? Self.unknown
      // With a longer context begins what the shorter one ends with.
      var (probability, isSeen) = (1 / Double(alphabet), true)
      for length in 0...order {
        if isSeen, length <= place, let longer = refined(probability, of: character, after: context, length: length) {
          probability = longer
        } else {
          isSeen = false
        }
        totals[length] -= log(probability)
      }
      place += 1
      context = context << Self.bits | character
    }
    return totals.map { $0 / Double(place) }
  }

  /// P with so many characters of context, from that with one less; nil where the context was never seen.
  private func refined(_ shorter: Double, of character: UInt64, after context: UInt64, length: Int) -> Double? {
    let context = context & ((UInt64(1) << (Self.bits * UInt64(length))) - 1)
    guard let seen = contexts[length][context] else { return nil }
    let count = Double(pairs[length][context << Self.bits | character] ?? 0)
    return (count + Double(seen.followers) * shorter) / Double(seen.count + seen.followers)
  }
}
