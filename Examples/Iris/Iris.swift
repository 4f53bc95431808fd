import Descent

/// From a CSV file to a model that was tested, saved and read back: `swift run -c release example-iris`.
@main
enum Iris {
  static func main() throws {
    let table = try Table(csv: "Examples/Data/iris.csv")
    let split = try table.split(predicting: "species", seed: 7)
    let (train, validation, test, _) = try table.datasets(predicting: "species", split: split)

    let model = withSeed(7) {
      Sequential {
        Dense(train.features, 16)
        ReLU()
        Dense(16, train.classNames.count)
      }
    }
    let history = try model.fit(
      train, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), epochs: 200, batchSize: 16,
      validation: validation, earlyStopping: EarlyStopping(patience: 20))
    print("stopped after \(history.epochs.count) epochs")
    print("test", try model.evaluate(test, .accuracy, .confusion))
    try model.save(to: "iris-example.safetensors")
  }
}
