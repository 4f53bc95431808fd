#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How the next token is drawn from what a model expects.
public struct Sampling: Hashable, Sendable {
  /// What logits are divided by: below 1 likelier tokens become likelier still; at 0 the likeliest is taken.
  public var temperature: Double { didSet { check() } }
  /// Draws among so many of the likeliest tokens only; nil for all.
  public var topK: Int? { didSet { check() } }
  /// Draws among the likeliest tokens that together have at least this probability (Holtzman et al. 2020); 1 for all.
  public var topP: Double { didSet { check() } }

  public init(temperature: Double = 1, topK: Int? = nil, topP: Double = 1) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    check()
  }

  private func check() {
    guard temperature >= 0 && temperature.isFinite && topK ?? 1 > 0 && topP > 0 && topP <= 1 else {
      fatalError(
        "Sampling: expects a temperature not below 0, a topK above 0 and a topP above 0 up to 1, "
          + "not \(temperature), \(topK.map { "\($0)" } ?? "nil") and \(topP)")
    }
  }

  /// The likeliest token each time.
  public static let greedy = Sampling(temperature: 0)

  /// The probabilities of what may be drawn: of all tokens in their order, or where some are left out the likeliest
  /// first, equal ones in the order of their tokens; nil if a logit is NaN or infinite, or all are −∞.
  package func candidates(_ logits: [Float]) -> [(token: Int, probability: Double)]? {
    guard let largest = logits.max(), largest.isFinite, !logits.contains(where: \.isNaN) else { return nil }
    let best = logits.firstIndex(of: largest)!
    guard temperature > 0 else { return [(best, 1)] }
    let weights = logits.map { exp(Double($0 - largest) / temperature) }
    let most = min(topK ?? weights.count, weights.count)
    guard most < weights.count || topP < 1 else { return Self.normalized(weights.enumerated().map { ($0, $1) }) }
    // A heap gives the few that are kept without sorting the many that are not.
    var rest = Heap(weights.enumerated().map { Candidate(token: $0, weight: $1) })
    var kept: [(token: Int, probability: Double)] = []
    func keepNext() {
      let next = rest.removeSmallest()!
      kept.append((next.token, next.weight))
    }
    if most < weights.count { for _ in 0..<most { keepNext() } }
    guard topP < 1 else { return Self.normalized(kept) }
    let whole = most < weights.count ? kept.reduce(0) { $0 + $1.probability } : weights.reduce(0, +)
    var (count, sum) = (0, 0.0)
    while count < most && sum < topP * whole {
      if count == kept.count { keepNext() }
      sum += kept[count].probability
      count += 1
    }
    return Self.normalized(Array(kept.prefix(count)))
  }

  private static func normalized(
    _ weights: [(token: Int, probability: Double)]
  ) -> [(token: Int, probability: Double)] {
    let total = weights.reduce(0) { $0 + $1.probability }
    return weights.map { ($0.token, $0.probability / total) }
  }

  /// A token, or nil if the logits say nothing.
  package func draw(from logits: [Float], _ random: inout some RandomNumberGenerator) -> Int? {
    guard let candidates = candidates(logits) else { return nil }
    guard candidates.count > 1 else { return candidates[0].token }
    var rest = Double.random(in: 0..<1, using: &random)
    for (token, probability) in candidates {
      rest -= probability
      if rest < 0 { return token }
    }
    // What rounding left over.
    return candidates.last { $0.probability > 0 }!.token
  }
}

/// A token with what it weighs; the smallest is the likeliest, and of equal ones that of the lowest number.
private struct Candidate: Comparable {
  let token: Int
  let weight: Double

  static func < (left: Candidate, right: Candidate) -> Bool {
    left.weight != right.weight ? left.weight > right.weight : left.token < right.token
  }
}
