import Descent
import Foundation
import Testing

/// The numbers of scikit-learn.
struct MetricFixtureTests {
  struct Fixture: Decodable {
    struct Matrix: Decodable {
      let shape: [Int]
      let values: [Double]

      var rows: [[Double]] {
        stride(from: 0, to: values.count, by: shape[1]).map { Array(values[$0..<($0 + shape[1])]) }
      }
    }

    struct Measures: Decodable {
      let numbers: [String: Double]
      let lists: [String: [Double]]
      let confusionMatrix: [[Int]]?

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let values = try container.decode([String: Measure].self)
        numbers = values.compactMapValues { if case .number(let number) = $0 { number } else { nil } }
        lists = values.compactMapValues { if case .list(let list) = $0 { list } else { nil } }
        guard case .matrix(let matrix) = values["confusionMatrix"] else {
          confusionMatrix = nil
          return
        }
        confusionMatrix = matrix.rows.map { $0.map { Int($0) } }
      }
    }

    private enum Measure: Decodable {
      case number(Double), list([Double]), matrix(Matrix)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else if let list = try? container.decode([Double].self) {
          self = .list(list)
        } else {
          self = .matrix(try container.decode(Matrix.self))
        }
      }
    }

    struct Binary: Decodable {
      let targets: [Int]
      let probabilities: [Double]
      let metrics: Measures
    }

    struct Multiclass: Decodable {
      let targets: [Int]
      let probabilities: Matrix
      let predictions: [Int]
      let metrics: Measures
    }

    struct Labels: Decodable {
      let targets: [Int]
      let predictions: [Int]
      let metrics: Measures
    }

    struct Regression: Decodable {
      let targets: [Double]
      let predictions: [Double]
      let metrics: Measures
    }

    let binary: [Binary]
    let multiclass: [Multiclass]
    let labelsOnly: [Labels]
    let regression: [Regression]
  }

  private let fixture: Fixture

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/metrics.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
  }

  private func check(_ metric: Metric, _ found: Double, _ expected: Fixture.Measures, as name: String? = nil) throws {
    let value = try #require(expected.numbers[name ?? metric.name])
    #expect(abs(found - value) <= 1e-12, "\(metric.name): \(found), expected \(value)")
  }

  @Test func twoClasses() throws {
    let metrics: [Metric] = [
      .accuracy, .precision, .recall, .f1, .precision(.macro), .recall(.macro), .f1(.macro), .matthewsCorrelation,
      .rocAUC, .logLoss, .brier, .expectedCalibrationError,
    ]
    #expect(fixture.binary.count == 2)
    for row in fixture.binary {
      let targets = row.targets.map { Double($0) }
      let logits = row.probabilities.map { log($0 / (1 - $0)) }
      for metric in metrics {
        try check(metric, metric.reading(.probabilities)(row.probabilities, targets), row.metrics)
        try check(metric, metric(logits, targets), row.metrics)
      }
      // Two outputs instead of one are the same, but for the Brier score's sum over classes.
      let both = zip(row.probabilities, logits)
      for metric in metrics where metric.name != "brier" {
        try check(metric, metric.reading(.probabilities)(both.map { [1 - $0.0, $0.0] }, row.targets), row.metrics)
        try check(metric, metric(both.map { [3, $0.1 + 3] }, row.targets), row.metrics)
      }
      let sum = Metric.brier.reading(.probabilities)(both.map { [1 - $0.0, $0.0] }, row.targets)
      try check(.brier, sum / 2, row.metrics)
    }
  }

  @Test func severalClasses() throws {
    let metrics: [(Metric, String)] = [
      (.accuracy, "accuracy"), (.precision, "precisionMacro"), (.recall, "recallMacro"), (.f1, "f1Macro"),
      (.matthewsCorrelation, "matthewsCorrelation"), (.topKAccuracy(1), "accuracy"),
      (.topKAccuracy(2), "top2Accuracy"), (.topKAccuracy(3), "top3Accuracy"), (.logLoss, "logLoss"),
      (.rocAUC, "rocAUCMacro"), (.brier, "brierMulticlass"),
      (.expectedCalibrationError, "expectedCalibrationError"), (.precision(.micro), "accuracy"),
      (.f1(.micro), "accuracy"),
    ]
    #expect(fixture.multiclass.count == 2)
    for row in fixture.multiclass {
      let logits = row.probabilities.rows.map { $0.map { log($0) + 5 } }
      for (metric, name) in metrics {
        let found = metric.reading(.probabilities)(row.probabilities.rows, row.targets)
        try check(metric, found, row.metrics, as: name)
        try check(metric, metric(logits, row.targets), row.metrics, as: name)
      }
      let predictions = Tensor(logits, dtype: .float64)
      guard case .confusion(let matrix) = Metric.confusion.value(predictions, Tensor(row.targets)) else {
        Issue.record("no matrix")
        continue
      }
      #expect(matrix.counts == row.metrics.confusionMatrix)
      let classCount = row.probabilities.shape[1]
      #expect(
        matrix == ConfusionMatrix(predictions: row.predictions, targets: row.targets, classCount: classCount))
      try check(matrix, row.metrics)
    }
  }

  @Test func classesThatAreNeverPredicted() throws {
    for row in fixture.labelsOnly {
      let classCount = try #require(row.metrics.confusionMatrix).count
      let matrix = ConfusionMatrix(predictions: row.predictions, targets: row.targets, classCount: classCount)
      #expect(matrix.counts == row.metrics.confusionMatrix)
      try check(matrix, row.metrics)
    }
  }

  private func check(_ matrix: ConfusionMatrix, _ expected: Fixture.Measures) throws {
    let lists = [
      ("precisionPerClass", matrix.precisions), ("recallPerClass", matrix.recalls), ("f1PerClass", matrix.f1Scores),
    ]
    for (name, found) in lists {
      let values = try #require(expected.lists[name])
      #expect(found.count == values.count)
      #expect(zip(found, values).allSatisfy { abs($0 - $1) <= 1e-12 }, "\(name): \(found), expected \(values)")
      for position in values.indices where name == "f1PerClass" { #expect(matrix.f1(.of(position)) == found[position]) }
    }
    let numbers = [
      ("accuracy", matrix.accuracy), ("precisionMacro", matrix.precision(.macro)),
      ("recallMacro", matrix.recall(.macro)), ("f1Macro", matrix.f1(.macro)),
      ("matthewsCorrelation", matrix.matthewsCorrelation), ("accuracy", matrix.recall(.micro)),
    ]
    for (name, found) in numbers { #expect(abs(found - (try #require(expected.numbers[name]))) <= 1e-12, "\(name)") }
  }

  @Test func numbers() throws {
    #expect(!fixture.regression.isEmpty)
    for row in fixture.regression {
      for metric in [Metric.meanSquaredError, .rootMeanSquaredError, .meanAbsoluteError, .rSquared] {
        try check(metric, metric(row.predictions, row.targets), row.metrics)
        let column = Tensor(row.predictions, shape: [row.predictions.count, 1], dtype: .float64)
        try check(metric, metric(column, Tensor(row.targets, dtype: .float64)), row.metrics)
      }
    }
  }

  /// A metric of parts, one after the other, is the metric of the whole.
  @Test(arguments: [1, 7, 50])
  func batchesChangeNothing(batchSize: Int) throws {
    let row = try #require(fixture.multiclass.first)
    let rows = row.targets.count
    let probabilities = Tensor(row.probabilities.values, shape: [rows, row.probabilities.shape[1]])
    let dataset = Dataset(inputs: probabilities, targets: Tensor(row.targets))
    let ofLogits: [Metric] = [
      .accuracy, .topKAccuracy(2), .f1, .balancedAccuracy, .rocAUC, .logLoss, .brier, .expectedCalibrationError,
    ]
    let classes = ofLogits.map { $0.reading(.probabilities) }
    let evaluation = try Flatten().evaluate(dataset, classes, batchSize: batchSize)
    for metric in classes {
      let whole = metric(probabilities, Tensor(row.targets))
      #expect(abs(try #require(evaluation[metric]) - whole) <= 1e-12, "\(metric.name)")
    }
    #expect(evaluation.rowCount == rows)
    let numbers: [Metric] = [.meanSquaredError, .rootMeanSquaredError, .meanAbsoluteError, .rSquared]
    let shifted = Dataset(inputs: probabilities, targets: probabilities * 0.5 + 0.1)
    let evaluated = try Flatten().evaluate(shifted, numbers, batchSize: batchSize)
    for metric in numbers {
      let whole = metric(probabilities, probabilities * 0.5 + 0.1)
      #expect(abs(try #require(evaluated[metric]) - whole) <= 1e-12, "\(metric.name)")
    }
  }
}
