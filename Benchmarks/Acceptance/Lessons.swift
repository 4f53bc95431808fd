import Descent

// Exercises of public courses, by their own protocols.

/// The fish market exercise: inputs standardised on all 124 rows, 111 of them to train on, weights in grams as they are,
/// 32-32-32-1 with ReLU, Adam, 2000 epochs in batches of 64; the test is the last 30 rows of a file of its own. The 13
/// rows left out are those of the exercise (scikit-learn's train_test_split with test_size .1, random_state 3).
func fishLesson(_ folder: String) throws -> [Claim] {
  let names = ["Length1", "Length2", "Length3", "Height", "Width"]
  let inputs = try columns(of: Table(csv: "\(folder)/fish-market/nyu_feature.csv"))
  let weights = try columns(of: Table(csv: "\(folder)/fish-market/nyu_label.csv"))[0]
  let testInputs = try columns(of: Table(csv: "\(folder)/fish-market/nyu_test_feature.csv", header: .absent))
  let testWeights = try columns(of: Table(csv: "\(folder)/fish-market/nyu_test_label.csv", header: .absent))[0]
  precondition(inputs.count == names.count && weights.count == 124 && testWeights.count == 31)

  var squares: [Double] = []
  var absolutes: [Double] = []
  for seed in 0..<10 as Range<UInt64> {
    let rows = (0..<124).filter { ![5, 6, 8, 17, 23, 25, 35, 42, 52, 75, 76, 103, 112].contains($0) }
    let scaled = standardised(inputs, like: inputs)
    let model = withSeed(seed) {
      Sequential {
        Dense(5, 32)
        ReLU()
        Dense(32, 32)
        ReLU()
        Dense(32, 32)
        ReLU()
        Dense(32, 1)
      }
    }
    try model.fit(
      Dataset(inputs: matrix(scaled, rows), targets: matrix([weights], rows)), loss: .meanSquaredError,
      optimizer: .adam(epsilon: 1e-7), epochs: 2000, batchSize: 64, seed: seed)
    let last = Array(1..<31)
    let outputs = try model.predict(matrix(standardised(testInputs, like: inputs), last)).array(of: Double.self)
    let errors = zip(outputs, last).map { $0 - testWeights[$1] }
    squares.append(errors.map { $0 * $0 }.reduce(0, +) / 30)
    absolutes.append(errors.map(abs).reduce(0, +) / 30)
  }
  return [
    .atMost(2344.9, "fish market exercise, seeds 0 to 9, test MSE", squares),
    .atMost(27.26, "fish market exercise, seeds 0 to 9, test MAE", absolutes),
  ]
}

/// The regression of the Keras demonstration: y = x cos x + sin² x + ½ ε, ε normal, x uniform on 0 … 12, 1000 points,
/// 16-16-1, Adam, 1000 epochs in batches of 32. No model does better than the noise, whose variance is 0.25.
func waveLesson() throws -> [Claim] {
  var losses: [Double] = []
  var times: [Double] = []
  for seed in 0..<5 as Range<UInt64> {
    let keys = RandomKey(seed).split(2)
    let (train, validation) = (wave(keys[0]), wave(keys[1]))
    let model = withSeed(seed) {
      Sequential {
        Dense(1, 16)
        SiLU()
        Dense(16, 16)
        SiLU()
        Dense(16, 1)
      }
    }
    times.append(
      try seconds {
        try model.fit(
          train, loss: .meanSquaredError, optimizer: .adam(learningRate: .cosine(0.01, period: 32 * 1000)),
          epochs: 1000, batchSize: 32, seed: seed)
      })
    let errors = try model.predict(validation.inputs) - validation.targets
    losses.append(errors.squared().mean().scalar(of: Double.self))
  }
  return [
    .atMost(0.30, "wave demonstration, seeds 0 to 4, MSE on 1000 fresh points", losses),
    .atMost(2, "wave demonstration, the slowest of the 5 runs, seconds", [times.max() ?? .nan]),
  ]
}

/// The inputs are scaled to mean 0 and variance 1: (x − 6) / √12.
private func wave(_ key: RandomKey) -> Dataset {
  let (place, noise) = key.split()
  let x = place.uniform([1000, 1], from: 0, to: 12)
  let y = x * cos(x) + sin(x).squared() + 0.5 * noise.normal([1000, 1])
  return Dataset(inputs: (x - 6) / 12.0.squareRoot(), targets: y)
}

private func columns(of table: Table) -> [[Double]] {
  table.columns.compactMap { if case .number(let numbers) = $0.values { numbers } else { nil } }
}

private func standardised(_ columns: [[Double]], like reference: [[Double]]) -> [[Double]] {
  zip(columns, reference).map { column, reference in
    let count = Double(reference.count)
    let mean = reference.reduce(0, +) / count
    let deviation = (reference.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / count).squareRoot()
    return column.map { ($0 - mean) / deviation }
  }
}

private func matrix(_ columns: [[Double]], _ rows: [Int]) -> Tensor {
  Tensor(rows.flatMap { row in columns.map { $0[row] } }, shape: [rows.count, columns.count])
}
