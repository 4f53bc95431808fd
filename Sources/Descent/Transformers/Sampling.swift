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
  public var temperature: Double
  /// Draws among so many of the likeliest tokens only; nil for all.
  public var topK: Int?
  /// Draws among the likeliest tokens that together have at least this probability (Holtzman et al. 2020); 1 for all.
  public var topP: Double

  public init(temperature: Double = 1, topK: Int? = nil, topP: Double = 1) {
    guard temperature >= 0 && temperature.isFinite && topK ?? 1 > 0 && topP > 0 && topP <= 1 else {
      fatalError(
        "Sampling: expects a temperature not below 0, a topK above 0 and a topP above 0 up to 1, "
          + "not \(temperature), \(topK.map { "\($0)" } ?? "nil") and \(topP)")
    }
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
  }

  /// The likeliest token each time.
  public static let greedy = Sampling(temperature: 0)

  /// The probabilities of what may be drawn, the likeliest first, equal ones in the order of their tokens; nil if a logit
  /// is NaN or all are −∞.
  package func candidates(_ logits: [Float]) -> [(token: Int, probability: Double)]? {
    guard let largest = logits.max(), largest.isFinite, !logits.contains(where: \.isNaN) else { return nil }
    let best = logits.firstIndex(of: largest)!
    guard temperature > 0 else { return [(best, 1)] }
    let isCut = topK.map { $0 < logits.count } ?? false || topP < 1
    var weights = logits.enumerated().map { index, logit in
      (token: index, probability: exp(Double(logit - largest) / temperature))
    }
    if isCut { weights.sort { ($1.probability, $0.token) < ($0.probability, $1.token) } }
    if let topK { weights.removeLast(max(0, weights.count - topK)) }
    let total = weights.reduce(0) { $0 + $1.probability }
    for index in weights.indices { weights[index].probability /= total }
    guard topP < 1 else { return weights }
    var sum = 0.0
    let end = weights.firstIndex { weight in
      sum += weight.probability
      return sum >= topP
    }
    weights.removeLast(weights.count - 1 - (end ?? weights.count - 1))
    let kept = weights.reduce(0) { $0 + $1.probability }
    return weights.map { ($0.token, $0.probability / kept) }
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
