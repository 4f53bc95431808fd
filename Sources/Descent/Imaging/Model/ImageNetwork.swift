/// Networks that `ImageModel` can be trained with.
public enum ImageNetwork: String, Sendable, Hashable, Codable, CaseIterable {
  /// One linear layer: softmax regression on the pixels.
  case linear
  /// A hidden layer of 256.
  case perceptron
  /// Blocks of convolution, batch normalisation, ReLU and max-pooling, each of half the size and twice the channels,
  /// until at most 4 pixels are left of the shorter side; then a linear layer.
  case convolutional

  /// Makes the network for a shape of images, from logits of the classes to initial weights of the seed.
  func make(_ shape: ImageShape, classes: Int, seed: UInt64) -> Sequential {
    withSeed(seed) {
      switch self {
      case .linear:
        Sequential {
          Flatten()
          Dense(shape.count, classes)
        }
      case .perceptron:
        Sequential {
          Flatten()
          Dense(shape.count, 256)
          ReLU()
          Dropout(0.2)
          Dense(256, classes)
        }
      case .convolutional: Sequential(convolutions(shape, classes: classes))
      }
    }
  }

  private func convolutions(_ shape: ImageShape, classes: Int) -> [any Layer] {
    var layers: [any Layer] = []
    var (height, width, inputs) = (shape.height, shape.width, shape.channels)
    var outputs = shape.channels == 1 ? 16 : 32
    repeat {
      layers +=
        [
          Convolution(inputs, outputs, window: [3, 3], padding: .same, bias: false), BatchNorm(outputs), ReLU(),
        ] as [any Layer]
      if min(height, width) > 1 {
        layers.append(MaxPooling([2, 2]))
        (height, width) = (height / 2, width / 2)
      }
      (inputs, outputs) = (outputs, min(2 * outputs, 256))
    } while min(height, width) > 4
    return layers + [Flatten(), Dropout(0.2), Dense(height * width * inputs, classes)] as [any Layer]
  }
}
