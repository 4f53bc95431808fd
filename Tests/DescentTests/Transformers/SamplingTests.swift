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

  /// What is kept without sorting is what sorting all tokens and adding them up keeps, many equal ones among them.
  @Test func keepsWhatSortingWouldKeep() throws {
    func sorted(_ sampling: Sampling, _ logits: [Float]) -> [(token: Int, probability: Double)] {
      let largest = logits.max()!
      var all = logits.enumerated().map {
        (token: $0, weight: Foundation.exp(Double($1 - largest) / sampling.temperature))
      }
      all.sort { ($1.weight, $0.token) < ($0.weight, $1.token) }
      if let topK = sampling.topK { all = Array(all.prefix(topK)) }
      // In the order of the tokens where none is left out yet.
      let isCut = sampling.topK.map { $0 < logits.count } ?? false
      let whole = (isCut ? all : all.sorted { $0.token < $1.token }).reduce(0) { $0 + $1.weight }
      var (count, sum) = (0, 0.0)
      while count < all.count && sum < sampling.topP * whole {
        sum += all[count].weight
        count += 1
      }
      if sampling.topP < 1 { all = Array(all.prefix(count)) }
      let kept = all.reduce(0) { $0 + $1.weight }
      return all.map { ($0.token, $0.weight / kept) }
    }
    var random = RandomSource(5)
    for count in [1, 2, 7, 1000] {
      // Sixteenths, so that some are equal; and one that cannot be.
      var logits = (0..<count).map { _ in Float(Int.random(in: -64...64, using: &random)) / 16 }
      if count > 2 { logits[1] = -.infinity }
      for topK in [nil, 1, 2, 5, 40, 999, 1000, 2000] as [Int?] {
        for topP in [1e-9, 0.1, 0.5, 0.9, 0.999, 1] where topP < 1 || topK.map({ $0 < count }) ?? false {
          let sampling = Sampling(temperature: 0.7, topK: topK, topP: topP)
          let found = try #require(sampling.candidates(logits)), expected = sorted(sampling, logits)
          #expect(found.map(\.token) == expected.map(\.token), "\(count), \(sampling)")
          #expect(found.map(\.probability) == expected.map(\.probability), "\(count), \(sampling)")
        }
      }
    }
  }

  @Test func settingsAreCheckedWhereverTheyAreSet() async {
    await #expect(processExitsWith: .failure) {
      var sampling = Sampling()
      sampling.topK = 0
    }
    await #expect(processExitsWith: .failure) { _ = Sampling(temperature: -1) }
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
