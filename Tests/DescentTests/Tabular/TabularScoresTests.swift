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

  /// Many rows of many classes are gone through in pieces, which changes nothing.
  @Test func manyRowsOfManyClasses() throws {
    let (rows, classes) = (3000, 700)
    var generator = TableTestGenerator(seed: 5)
    let targets = (0..<rows).map { _ in Int.random(in: 0..<classes, using: &generator) }
    let probabilities = targets.map { target in
      let other = Int.random(in: 0..<classes, using: &generator)
      return (0..<classes).map { ($0 == target ? 0.3 : 0) + ($0 == other ? 0.4 : 0) + 0.3 / Double(classes) }
    }
    let scores = TabularScores(probabilities: probabilities, targets: targets)
    for metric in [Metric.accuracy, .balancedAccuracy, .logLoss] {
      let whole = metric.reading(.probabilities)(probabilities, targets)
      #expect(abs(try #require(scores[metric.name]) - whole) < 1e-12)
    }
    #expect(try #require(scores["accuracy"]) < 0.05)

    let outputs = Tensor(probabilities.flatMap(\.self), shape: [rows, classes], dtype: .float32)
    let data = Dataset(inputs: outputs, targets: Tensor(targets.map { Int32($0) }))
    let model = Sequential { LayerScale(classes, initial: 1) }
    let history = try model.fit(
      data, loss: .softmaxCrossEntropy(), optimizer: .sgd(learningRate: 0), epochs: 1, validation: data,
      metrics: [.accuracy, .balancedAccuracy])
    let (measured, evaluated) = (history.epochs[0].metrics, try model.evaluate(data, .balancedAccuracy))
    #expect(abs(try #require(measured["balancedAccuracy"]) - evaluated["balancedAccuracy"]!) < 1e-12)
    #expect(measured["accuracy"] == scores["accuracy"])
  }
}
