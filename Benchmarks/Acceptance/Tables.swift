import Descent

// What `descent train` does with its defaults, on tables whose attainable scores are known.

func fish(_ folder: String) throws -> [Claim] {
  let table = try Table(csv: "\(folder)/fish-market/Fish.csv")
  var scores: [Double] = []
  var times: [Double] = []
  for seed in 0..<20 {
    var configuration = TabularConfiguration()
    configuration.seed = UInt64(seed)
    times.append(
      try seconds {
        let test = try TabularModel.train(table, predicting: "Weight", configuration: configuration).report.test
        scores.append(test.network["rSquared"] ?? .nan)
      })
  }
  let slowest = times.max() ?? .nan
  return [
    .atLeast(0.97, "Fish.csv, defaults, seeds 0 to 19, test R²", scores),
    .atMost(3, "Fish.csv, the slowest of the 20 runs, seconds", [slowest]),
  ]
}

/// Each fold is predicted by a model trained on the other nine, a part of which it keeps for early stopping.
func iris(_ examples: String) throws -> [Claim] {
  let table = try Table(csv: "\(examples)/iris.csv")
  var accuracies: [Double] = []
  for seed in 0..<5 {
    var configuration = TabularConfiguration()
    configuration.seed = UInt64(seed)
    configuration.testShare = 0.01  // the fold is the test
    var right = 0.0
    for fold in try table.folds(10, predicting: "species", seed: UInt64(seed)) {
      let known = table.rows(in: fold.train)
      let model = try TabularModel.train(known, predicting: "species", configuration: configuration).model
      let evaluation = try model.evaluate(table.rows(in: fold.validation))
      right += (evaluation.scores["accuracy"] ?? .nan) * Double(evaluation.rowCount)
    }
    accuracies.append(right / Double(table.rowCount))
  }
  return [.atLeast(0.955, "iris.csv, defaults, 10 folds, seeds 0 to 4, accuracy", accuracies)]
}

func digits(_ examples: String) throws -> [Claim] {
  let table = try Table(csv: "\(examples)/digits.csv")
  func accuracies(_ precision: Precision) throws -> [Double] {
    try (0..<5).map { seed in
      var configuration = TabularConfiguration()
      configuration.seed = UInt64(seed)
      configuration.precision = precision
      let test = try TabularModel.train(table, predicting: "digit", configuration: configuration).report.test
      return test.network["accuracy"] ?? .nan
    }
  }
  let (exact, rounded) = (try accuracies(.float32), try accuracies(.bfloat16))
  return [
    .atLeast(0.98, "digits.csv, defaults, seeds 0 to 4, test accuracy", exact),
    .atLeast(0.98, "digits.csv, products in bfloat16, seeds 0 to 4, test accuracy", rounded),
    .atMost(
      0.005, "digits.csv, accuracy lost to bfloat16, seed by seed", zip(exact, rounded).map { $0 - $1 }),
  ]
}
