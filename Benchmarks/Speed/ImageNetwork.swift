import Descent

/// Convolutions, each with ReLU and a 2×2 pool, then dense layers, on images [batch, height, width, channel].
struct ImageNetwork: Layer {
  let convolutions: [Convolution]
  let dense: Sequential

  /// - Parameter size: the height and the width of an image.
  init(size: Int, channels: [Int], dense: [Int]) {
    convolutions = zip(channels, channels.dropFirst()).map {
      Convolution($0, $1, window: [3, 3], padding: .same, initializer: .zeros)
    }
    let pooled = size >> convolutions.count
    self.dense = network([pooled * pooled * channels.last!] + dense, .relu)
  }

  func callAsFunction(_ images: Tensor) -> Tensor {
    dense(convolutions.reduce(images) { relu($1($0)).maxPooled(window: [2, 2]) }.flattened(from: 1))
  }
}
