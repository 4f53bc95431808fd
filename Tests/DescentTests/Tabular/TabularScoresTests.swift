import Descent
import Testing

/// Scores worked out by hand.
@Suite struct TabularScoresTests {
  @Test func regression() {
    let scores = TabularScores(numbers: [1, 2, 6], targets: [1, 3, 5])
    // Errors 0, −1, 1; targets 1, 3, 5 have variance 8/3.
    #expect(scores.all.map(\.name) == ["rSquared", "meanAbsoluteError", "rootMeanSquaredError"])
    #expect(abs(scores["rSquared"]! - 0.75) < 1e-12)
    #expect(abs(scores["meanAbsoluteError"]! - 2.0 / 3) < 1e-12)
    #expect(abs(scores["rootMeanSquaredError"]! - (2.0 / 3).squareRoot()) < 1e-12)
  }

  @Test func oneRowHasNoRSquared() {
    #expect(TabularScores(numbers: [1], targets: [2])["rSquared"] == nil)
  }

  @Test func twoClasses() {
    let positive = [0.25, 0.5, 0.5, 0.75]
    let scores = TabularScores(probabilities: positive.map { [1 - $0, $0] }, targets: [0, 0, 1, 1])
    // A tie is the first class, so one of the two positives is found; −(ln ¾ + ln ½ + ln ½ + ln ¾)/4.
    #expect(scores["accuracy"] == 0.75)
    #expect(scores["balancedAccuracy"] == 0.75)
    #expect(abs(scores["logLoss"]! - 0.4904146265058631) < 1e-12)
    // Of the four pairs three are in order and one is tied.
    #expect(scores["rocAUC"] == 0.875)
  }

  @Test func balanceCountsClassesThatOccur() {
    let scores = TabularScores(
      probabilities: [[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0]], targets: [0, 0, 1, 1])
    #expect(scores["accuracy"] == 0.75)
    #expect(scores["balancedAccuracy"] == 0.75)
    #expect(scores["rocAUC"] == nil)
  }
}
