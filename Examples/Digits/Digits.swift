import Descent

/// Handwritten digits of 8 × 8 pixels, with dropout and weight decay: `swift run -c release example-digits`.
@main
enum Digits {
  static func main() throws {
    let table = try Table(csv: "Examples/Data/digits.csv")
    let split = try table.split(predicting: "digit", seed: 1)
    let (train, validation, test, _) = try table.datasets(predicting: "digit", split: split)

    let model = withSeed(1) {
      Sequential {
        Dense(train.features, 128)
        ReLU()
        Dropout(0.2)
        Dense(128, 128)
        ReLU()
        Dropout(0.2)
        Dense(128, 10)
      }
    }
    print(model.summary(input: [train.features]))
    try model.fit(
      train, loss: .softmaxCrossEntropy, optimizer: .adamW(learningRate: 2e-3), epochs: 60, batchSize: 32,
      validation: validation, seed: 1, earlyStopping: EarlyStopping(patience: 15)
    ) { progress in
      if progress.epoch % 10 == 0 { print(progress) }
    }
    print("test", try model.evaluate(test, .accuracy))
  }
}
