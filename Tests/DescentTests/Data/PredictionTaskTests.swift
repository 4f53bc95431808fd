import Descent
import Testing

@Suite struct PredictionTaskTests {
  /// Values cycled over a number of rows, and the sentence that decides.
  @Test(
    arguments: [
      ([0, 1], 2, "classification", "2 whole numbers in 2 rows, so this is a binary classification"),
      ([0, 1], 30, "classification", "2 whole numbers in 30 rows, so this is a binary classification"),
      ([-1, 1], 5000, "classification", "2 whole numbers in 5000 rows, so this is a binary classification"),
      ([0, 0.5], 30, "regression", "2 different numbers in 30 rows, so this is a regression"),
      ([1, 2, 3], 29, "regression", "3 different whole numbers in 29 rows, so this is a regression"),
      ([1, 2, 3], 30, "classification", "3 whole numbers in 30 rows, so this is a classification into 3 classes"),
      ([1, 2, 2.5], 300, "regression", "3 different numbers in 300 rows, so this is a regression"),
      (Array(0..<10).map(Double.init), 100, "classification", "10 whole numbers in 100 rows"),
      (Array(0..<10).map(Double.init), 99, "regression", "10 different whole numbers in 99 rows"),
      (Array(0..<11).map(Double.init), 10_000, "regression", "11 different whole numbers in 10000 rows"),
      ([4], 10, "classification", "1 whole number in 10 rows"),
      ([4], 9, "regression", "1 different whole number in 9 rows"),
    ] as [([Double], Int, String, String)])
  func decidesForNumbers(_ values: [Double], _ rows: Int, _ task: String, _ reason: String) throws {
    let numbers = (0..<rows).map { values[$0 % values.count] } + [.nan]
    let decision = try Table(columns: [Column("y", numbers: numbers)]).task(predicting: "y")
    #expect(decision.task.rawValue == task)
    #expect(decision.explanation.hasPrefix("\"y\" holds \(reason)"))
    #expect(
      decision.explanation.hasSuffix(
        task == "regression"
          ? "so this is a regression; choose classification if they are classes."
          : "; choose regression if they are quantities."))
  }

  @Test func decidesForCategories() throws {
    let two = Table(columns: [Column("y", texts: ["a", "b", nil, "a"])])
    #expect(
      try two.task(predicting: "y").explanation == "\"y\" holds 2 categories, so this is a binary classification.")
    let three = Table(columns: [Column("y", texts: ["a", "b", "c"])])
    #expect(
      try three.task(predicting: "y").explanation
        == "\"y\" holds 3 categories, so this is a classification into 3 classes.")
  }

  @Test func canBeOverridden() throws {
    let table = Table(columns: [
      Column("x", numbers: [1, 4, 2, 3]), Column("y", numbers: [10, 9, 2, 10]),
    ])
    let classes = try TablePreprocessing(fitting: table, target: "y", task: .classification)
    #expect(classes.targetEncoding == .classification(classes: ["2", "9", "10"]))
    #expect(try classes.encodeTargets(table).classes == [2, 1, 0, 2])
    let binary = Table(columns: [Column("x", numbers: [1, 4, 2, 3]), Column("y", numbers: [0, 1, 0, 1])])
    #expect(
      try TablePreprocessing(fitting: binary, target: "y", task: .regression).targetEncoding
        == .regression(mean: 0.5, deviation: 0.5))
  }
}
