import Descent

/// Convolutions, each with ReLU and a 2×2 pool, then dense layers, on images [batch, height, width, channel].
struct ImageNetwork: Layer {
  let convolutions: [Convolution]
  let dense: Sequential

  /// - Parameter size: the height and the width of an image.
  init(size: Int, channels: [Int], dense: [Int]) {
    convolutions = zip(channels, channels.dropFirst()).map { Convolution(window: 3, $0, $1) }
    let pooled = size >> convolutions.count
    self.dense = network([pooled * pooled * channels.last!] + dense, .relu)
  }

  func callAsFunction(_ images: Tensor) -> Tensor {
    dense(convolutions.reduce(images) { maxPool(relu($1($0))) }.flattened(from: 1))
  }
}

/// A convolution that keeps height and width, written as one product: beside each pixel all that the window covers.
struct Convolution: Layer {
  @Parameter var weight: Tensor  // [window, window, input, output]
  @Parameter var bias: Tensor  // [output]

  init(window: Int, _ inputs: Int, _ outputs: Int) {
    weight = .zeros([window, window, inputs, outputs])
    bias = .zeros([outputs])
  }

  func callAsFunction(_ images: Tensor) -> Tensor { convolution(images, weight) + bias }
}

func convolution(_ images: Tensor, _ weight: Tensor) -> Tensor {
  let (window, height, width) = (weight.shape[0], images.shape[1], images.shape[2])
  let edge = (before: window / 2, after: window / 2)
  let padded = images.padded([(before: 0, after: 0), edge, edge, (before: 0, after: 0)])
  let shifted = (0..<(window * window)).map { tap in
    let (row, column) = (tap / window, tap % window)
    return padded[TensorIndex.all, row..<(row + height), column..<(column + width)]
  }
  let patches = window == 1 ? images : Tensor.concatenate(shifted, axis: -1)  // [batch, height, width, taps · input]
  return patches.matmul(weight.flattened(from: 0, to: 2))
}

/// The largest of each 2×2 pixels.
func maxPool(_ images: Tensor) -> Tensor {
  let shape = images.shape
  return images.reshaped([shape[0], shape[1] / 2, 2, shape[2] / 2, 2, shape[3]]).max(axes: [2, 4])
}
