import Descent
import Foundation
import Testing

@Suite struct SamplingTests {
  /// Probabilities 0.5, 0.25, 0.125, 0.125 of the tokens 2, 0, 1, 3.
  private let logits: [Float] = [2, 1, 4, 1].map { Foundation.log($0) }

  private func candidates(_ sampling: Sampling) throws -> [Int: Double] {
    let candidates = try #require(sampling.candidates(logits))
    return Dictionary(uniqueKeysWithValues: candidates.map { ($0.token, $0.probability) })
  }

  private func expect(_ sampling: Sampling, _ expected: [Int: Double]) throws {
    let found = try candidates(sampling)
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (token, probability) in expected { #expect(abs(found[token, default: 0] - probability) < 1e-6) }
  }

  @Test func keepsTheLikeliest() throws {
    try expect(Sampling(), [2: 0.5, 0: 0.25, 1: 0.125, 3: 0.125])
    try expect(Sampling(topK: 2), [2: 2 / 3.0, 0: 1 / 3.0])
    try expect(Sampling(topK: 3), [2: 4 / 7.0, 0: 2 / 7.0, 1: 1 / 7.0])
    try expect(Sampling(topK: 9), [2: 0.5, 0: 0.25, 1: 0.125, 3: 0.125])
    try expect(Sampling(topP: 0.5), [2: 1])
    try expect(Sampling(topP: 0.51), [2: 2 / 3.0, 0: 1 / 3.0])
    try expect(Sampling(topP: 0.8), [2: 4 / 7.0, 0: 2 / 7.0, 1: 1 / 7.0])
    try expect(Sampling(topK: 2, topP: 0.6), [2: 1])
    try expect(.greedy, [2: 1])
    try expect(Sampling(temperature: 0.5), [2: 8 / 11.0, 0: 2 / 11.0, 1: 0.5 / 11, 3: 0.5 / 11])
  }

  @Test func drawsAsOftenAsIsLikely() throws {
    let sampling = Sampling(temperature: 1)
    var random = RandomSource(3)
    var counts = [Int: Int]()
    for _ in 0..<20_000 { counts[try #require(sampling.draw(from: logits, &random)), default: 0] += 1 }
    for (token, probability) in [2: 0.5, 0: 0.25, 1: 0.125, 3: 0.125] {
      #expect(abs(Double(counts[token] ?? 0) / 20_000 - probability) < 0.012)
    }
  }

  @Test func broken() {
    var random = RandomSource(3)
    #expect(Sampling().draw(from: [1, .nan, 2], &random) == nil)
    #expect(Sampling().draw(from: [-.infinity, -.infinity], &random) == nil)
    #expect(Sampling().draw(from: [1, .infinity], &random) == nil)
    #expect(Sampling().draw(from: [-.infinity, 3], &random) == 1)
    #expect(Sampling(temperature: 1e-300).draw(from: [1, 3], &random) == 1)
  }
}
