import Descent

/// A layer that is not in the library: multiplies two linear maps of its input, so that it can learn products.
struct Bilinear: Layer {
  @Parameter var left: Tensor  // [input, output]
  @Parameter var right: Tensor  // [input, output]
  @Parameter var bias: Tensor  // [output]

  init(_ inputs: Int, _ outputs: Int, key: RandomKey) {
    let (first, second) = key.split()
    left = first.normal([inputs, outputs], standardDeviation: 0.5)
    right = second.normal([inputs, outputs], standardDeviation: 0.5)
    bias = .zeros([outputs])
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.matmul(left) * x.matmul(right) + bias  // [row, output]
  }
}

/// Learns the product of two numbers exactly: `swift run -c release example-own-layer`.
@main
enum OwnLayer {
  static func main() throws {
    let x = RandomKey(1).uniform([256, 2], from: -1, to: 1)  // [row, 2]
    let y = (x[TensorIndex.all, 0] * x[TensorIndex.all, 1]).expanded(axis: 1)  // [row, 1]
    let model = Bilinear(2, 1, key: RandomKey(2))
    try model.fit(
      Dataset(inputs: x, targets: y), loss: .meanSquaredError, optimizer: .adam(learningRate: 0.02), epochs: 200)
    let pairs: Tensor = [[0.5, 0.5], [-0.4, 0.9], [1, -1]]
    print("products of", pairs)
    print("learned", model(pairs))
  }
}
