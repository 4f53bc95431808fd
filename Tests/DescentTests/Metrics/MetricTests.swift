import Descent
import Foundation
import Testing

struct MetricTests {
  private static let ofClasses: [Metric] = [
    .accuracy, .topKAccuracy(2), .precision, .recall, .f1, .f1(.macro), .f1(.micro), .balancedAccuracy,
    .matthewsCorrelation, .rocAUC, .logLoss, .brier, .expectedCalibrationError,
  ]
  private static let ofNumbers: [Metric] = [.meanSquaredError, .rootMeanSquaredError, .meanAbsoluteError, .rSquared]

  @Test func noRowsAreNaN() {
    for metric in Self.ofClasses + Self.ofNumbers { #expect(metric([Double](), []).isNaN, "\(metric.name)") }
    #expect(Metric.confusion.value(Tensor.zeros([0, 3]), Tensor.zeros([0], dtype: .int32)).number?.isNaN == true)
  }

  @Test func predictionsThatAreNaNAreSeen() {
    for metric in Self.ofClasses {
      #expect(metric([0.5, .nan, -1, 2], [1, 0, 0, 1]).isNaN, "\(metric.name)")
      #expect(metric([[1, 0, 2], [.nan, 1, 0], [0, 1, 2]], [0, 1, 2]).isNaN, "\(metric.name)")
    }
    for metric in Self.ofNumbers {
      #expect(metric([0.5, .nan, -1, 2], [1, 0, 0, 1]).isNaN, "\(metric.name)")
      #expect(metric([0.5, .nan, -1, 2], [1, 1, 1, 1]).isNaN, "\(metric.name)")
    }
    #expect(Metric.confusion.value(Tensor([Float.nan, 1]), [0, 1]).number?.isNaN == true)
  }

  @Test func namesAreThoseOfTheProperties() {
    #expect(
      (Self.ofClasses + Self.ofNumbers).map(\.name) == [
        "accuracy", "top2Accuracy", "precision", "recall", "f1", "f1Macro", "f1Micro", "balancedAccuracy",
        "matthewsCorrelation", "rocAUC", "logLoss", "brier", "expectedCalibrationError", "meanSquaredError",
        "rootMeanSquaredError", "meanAbsoluteError", "rSquared",
      ])
    #expect(Metric.recall(.of(2)).name == "recallOf2")
  }

  @Test func ofEqualPredictionsTheFirstClassCounts() {
    #expect(Metric.accuracy([[1, 1, 1]], [0]) == 1)
    #expect(Metric.accuracy([[1, 1, 1]], [1]) == 0)
    #expect(Metric.topKAccuracy(1)([[1, 1, 1]], [2]) == 1)
    #expect(Metric.topKAccuracy(2)([[3, 2, 1]], [2]) == 0)
    #expect(Metric.accuracy([0], [1]) == 1)
    #expect(Metric.accuracy.reading(.probabilities)([0.5, 0.25], [1, 0]) == 1)
  }

  @Test func targetsMayBeOnes() {
    let predictions: Tensor = [[2, 1, 0], [0, 3, 1]]
    #expect(Metric.accuracy(predictions, [[1, 0, 0], [0, 0, 1]]) == 0.5)
    #expect(Metric.accuracy(predictions, Tensor([Int32(0), 2])) == 0.5)
  }

  @Test func furtherAxesAreRows() {
    let logits = Tensor([Float](arrayLiteral: 1, 0, 0, 1, 1, 0, 0, 1), shape: [2, 2, 2])  // [batch, time, classes]
    #expect(Metric.accuracy(logits, Tensor([Int32(0), 1, 1, 1], shape: [2, 2])) == 0.75)
  }

  @Test func logitsLoseNothing() {
    #expect(abs(Metric.logLoss([-800], [1]) - 800) < 1e-9)
    #expect(abs(Metric.logLoss([[800, 0, 0]], [1]) - 800) < 1e-9)
    #expect(Metric.logLoss([800], [1]) == 0)
    #expect(abs(Metric.logLoss.reading(.probabilities)([0], [1]) - 52 * log(2)) < 1e-12)
    // Both sigmoids are 1, but the logits are ordered.
    #expect(Metric.rocAUC([50, 60], [0, 1]) == 1)
  }

  @Test func areaUnderTheCurve() {
    #expect(Metric.rocAUC([1, 2, 3, 4], [0, 0, 1, 1]) == 1)
    #expect(Metric.rocAUC([4, 3, 2, 1], [0, 0, 1, 1]) == 0)
    #expect(Metric.rocAUC([1, 1, 1], [0, 1, 1]) == 0.5)
    #expect(Metric.rocAUC([1, 2, 2, 3], [0, 0, 1, 1]) == 0.875)
    #expect(Metric.rocAUC([1, 2], [1, 1]).isNaN)
    // Class 2 has no rows and is left out.
    #expect(Metric.rocAUC([[2, 0, 0], [0, 2, 0]], [0, 1]) == 1)
    #expect(Metric.rocAUC([[2, 0, 0], [0, 2, 0]], [1, 1]).isNaN)
  }

  /// The definition: all pairs of a positive and a negative row.
  @Test(arguments: 0..<20)
  func theAreaIsTheShareOfOrderedPairs(seed: Int) {
    var generator = TableTestGenerator(seed: UInt64(seed))
    let count = Int.random(in: 2...40, using: &generator)
    let scores = (0..<count).map { _ in Double(Int.random(in: 0...9, using: &generator)) }
    let targets = [0.0, 1.0] + (2..<max(count, 2)).map { _ in Double(Int.random(in: 0...1, using: &generator)) }
    var (wins, pairs) = (0.0, 0.0)
    for i in targets.indices where targets[i] == 1 {
      for j in targets.indices where targets[j] == 0 {
        pairs += 1
        wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
      }
    }
    #expect(abs(Metric.rocAUC(scores, targets) - wins / pairs) < 1e-15)
  }

  @Test func calibration() {
    let metric = Metric.expectedCalibrationError.reading(.probabilities)
    #expect(metric([1, 1, 0, 0], [1, 1, 0, 0]) == 0)
    #expect(metric([1, 1, 0, 0], [0, 0, 1, 1]) == 1)
    // Bin 11 of 15 holds 0.75 and 0.78: half are right.
    #expect(abs(metric([0.75, 0.78], [1, 0]) - abs(0.5 - 0.765)) < 1e-15)
  }

  @Test func constantTargets() {
    #expect(Metric.rSquared([2, 2, 2], [2, 2, 2]) == 1)
    #expect(Metric.rSquared([2, 2, 3], [2, 2, 2]) == 0)
    #expect(Metric.rSquared([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]) == 1)
    #expect(Metric.rSquared([1], [2]).isNaN)
    #expect(Metric.rSquared([1, 2, 3], [1, 2, 3]) == 1)
    #expect(Metric.rSquared([2, 2, 2], [1, 2, 3]) == 0)
    #expect(Metric.rSquared([3, 2, 1], [1, 2, 3]) == -3)
  }

  @Test func largeOffsetsCostNoDigits() {
    let targets = (0..<1000).map { 1e9 + Double($0 % 7) }
    let predictions = targets.enumerated().map { $1 + ($0 % 2 == 0 ? 0.5 : -0.5) }
    let shifted = Metric.rSquared(predictions.map { $0 - 1e9 }, targets.map { $0 - 1e9 })
    #expect(abs(Metric.rSquared(predictions, targets) - shifted) < 1e-9)
  }

  @Test func severalOutputsAreAveraged() {
    let targets: Tensor = [[1, 10], [2, 20], [3, 30]]
    let predictions: Tensor = [[1, 20], [2, 20], [3, 20]]
    #expect(Metric.rSquared(predictions, targets) == 0.5)
    #expect(abs(Metric.meanSquaredError(predictions, targets) - 200.0 / 6) < 1e-12)
    #expect(abs(Metric.meanAbsoluteError(predictions, targets) - 20.0 / 6) < 1e-12)
  }

  @Test func aMetricOfYourOwn() {
    let largest = Metric("largestError") { predictions, targets in
      zip(predictions, targets).map { abs($0 - $1) }.max()!
    }
    #expect(largest([1, 5], [2, 2]) == 3)
    #expect(largest([Double](), []).isNaN)
  }

  @Test func classesThatDoNotOccurAreLeftOutOfTheMean() {
    let matrix = ConfusionMatrix(predictions: [0, 1, 1], targets: [0, 1, 0], classCount: 4)
    #expect(matrix.recall(.macro) == 0.75)
    #expect(matrix.balancedAccuracy == 0.75)
    #expect(matrix.recalls == [0.5, 1, 0, 0])
    #expect(matrix.total == 3 && matrix.targetCounts == [2, 1, 0, 0] && matrix.predictionCounts == [1, 2, 0, 0])
  }

  @Test func theMatrixIsPrintedAsATable() {
    let matrix = ConfusionMatrix(
      predictions: [0, 0, 1, 1, 1] + Array(repeating: 2, count: 12),
      targets: [0, 0, 1, 0, 1] + Array(repeating: 2, count: 12),
      classCount: 3, classNames: ["setosa", "versicolor", "a"])
    #expect(
      matrix.description == """
        target \\ prediction  setosa  versicolor   a
        setosa                    2           1   0
        versicolor                0           2   0
        a                         0           0  12
        """)
  }

  @Test func anEvaluationIsPrintedLineByLine() throws {
    let dataset = Dataset(
      inputs: [[1, 0], [0, 1], [1, 0], [0, 1]], targets: Tensor([Int32(0), 1, 1, 1]), classNames: ["no", "yes"])
    let evaluation = try Flatten().evaluate(dataset, .accuracy, .f1, .confusion, batchSize: 3)
    #expect(evaluation[.accuracy] == 0.75)
    #expect(evaluation["f1"] == 0.8)
    #expect(evaluation["rocAUC"] == nil && evaluation["confusion"] == nil)
    #expect(evaluation.confusion?.counts == [[1, 0], [1, 2]])
    #expect(
      evaluation.description == """
        accuracy  0.75
        f1        0.8
        target \\ prediction  no  yes
        no                    1    0
        yes                   1    2
        """)
    let none = dataset.subset([])
    let error = #expect(throws: TrainingError.self) { try Flatten().evaluate(none, .accuracy) }
    #expect(error?.description == "Expected at least one row for evaluation, found none.")
  }

  @Test func programmingErrorsStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Metric.accuracy([[1, 2]], [2]) }
    await #expect(processExitsWith: .failure) { _ = Metric.accuracy([1.0, 2], [0.5, 1]) }
    await #expect(processExitsWith: .failure) { _ = Metric.meanSquaredError([1.0, 2], [1]) }
    await #expect(processExitsWith: .failure) { _ = Metric.confusion([1.0], [1]) }
  }

  @Test func theLabelsOfSignsAreClasses() async {
    #expect(Metric.accuracy([2, -1, 3], [1, -1, -1]) == 2.0 / 3)
    #expect(Metric.confusion.value(Tensor([Float(2), -1]), Tensor([Float(1), -1])).number == nil)
    await #expect(processExitsWith: .failure) { _ = Metric.accuracy([[1, 2]], [-1]) }
  }

  @Test func aMatrixNamesTheNumberThatIsNoClass() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ConfusionMatrix(predictions: [1, -3], targets: [0, 1], classCount: 2)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("ConfusionMatrix: the prediction -3 is not one of the 2 classes from 0 on"))
  }
}
