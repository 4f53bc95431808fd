import Descent
import Testing

@Suite struct PoissonTests {
  @Test(arguments: [0.05, 1, 7, 9.99, 10, 42, 500, 3000])
  func hasTheMeanAndTheVarianceOfPoisson(mean: Double) {
    var random = RandomSource(11)
    let count = 40_000.0
    let values = (0..<Int(count)).map { _ in Double(random.poisson(mean)) }
    let average = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / count
    // Five standard errors; the fourth central moment is mean + 3 mean².
    #expect(abs(average - mean) < 5 * (mean / count).squareRoot())
    #expect(abs(variance - mean) < 5 * ((mean + 2 * mean * mean) / count).squareRoot())
    #expect(values.allSatisfy { $0 >= 0 })
  }

  /// The shares of 7 … 13 of mean 10, where the method for many events begins.
  @Test func hasTheSharesOfPoisson() {
    var random = RandomSource(12)
    let values = (0..<100_000).map { _ in random.poisson(10) }
    let shares = [0.090079, 0.112599, 0.125110, 0.125110, 0.113736, 0.094780, 0.072908]
    for (k, expected) in zip(7...13, shares) {
      let found = Double(values.count { $0 == k }) / 100_000
      #expect(abs(found - expected) < 5 * (expected / 100_000).squareRoot(), "\(k)")
    }
  }

  @Test func noMeanNoEvents() {
    var random = RandomSource(13)
    #expect(random.poisson(0) == 0)
    #expect(random.poisson(-1) == 0)
  }
}
