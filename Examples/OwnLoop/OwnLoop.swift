import Descent

/// A training loop of your own, compiled: `swift run -c release example-own-loop`.
///
/// It learns x cos x + sin²x from noisy points.
@main
enum OwnLoop {
  static func main() throws {
    let keys = RandomKey(3).split(2)
    let x = keys[0].uniform([1000, 1], from: 0, to: 12)  // [row, 1]
    let y = x * cos(x) + sin(x).squared() + 0.5 * keys[1].normal([1000, 1])
    let data = Dataset(inputs: x / 6 - 1, targets: y)
    let (train, validation) = data.split(0.8, seed: 3)

    let model = withSeed(3) {
      Sequential {
        Dense(1, 64)
        Tanh()
        Dense(64, 64)
        Tanh()
        Dense(64, 1)
      }
    }
    let step = try CompiledStep(model, .adam(learningRate: 3e-3)) { model, batch in
      meanSquaredError(model(batch.inputs), batch.targets)
    }
    for epoch in 1...200 {
      var total: Float = 0
      var count = 0
      for batch in train.batches(of: 32, shuffledWith: UInt64(epoch)) {
        total += try step(batch)
        count += 1
      }
      if epoch % 40 == 0 {
        let error = try model.evaluate(validation, loss: .meanSquaredError)
        print("epoch \(epoch)  loss \(total / Float(count))  validation \(error)  (the noise's share is 0.25)")
      }
    }
  }
}
