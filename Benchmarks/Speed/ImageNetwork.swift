import Descent

/// Convolutions, each with ReLU and a 2×2 pool, then dense layers, on images [batch, height, width, channel].
struct ImageNetwork: Layer {
  let convolutions: [Convolution]
  let dense: Sequential

  enum Padding: String, Decodable { case same, valid }

  /// - Parameters:
  ///   - size: the height and the width of an image.
  ///   - windows: the height and the width of each convolution's window.
  init(size: Int, channels: [Int], windows: [Int], paddings: [Padding], dense: [Int]) {
    convolutions = windows.indices.map { index in
      Convolution(
        channels[index], channels[index + 1], window: [windows[index], windows[index]],
        padding: paddings[index] == .same ? .same : .valid, initializer: .zeros)
    }
    let pooled = zip(windows, paddings).reduce(size) { ($1.1 == .same ? $0 : $0 - $1.0 + 1) / 2 }
    self.dense = network([pooled * pooled * channels.last!] + dense, .relu)
  }

  func callAsFunction(_ images: Tensor) -> Tensor {
    dense(convolutions.reduce(images) { relu($1($0)).maxPooled(window: [2, 2]) }.flattened(from: 1))
  }
}
