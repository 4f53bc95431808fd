/// Networks that `ImageModel` can be trained with.
public enum ImageNetwork: String, Sendable, Hashable, Codable, CaseIterable {
  /// One linear layer: softmax regression on the pixels.
  case linear
  /// A hidden layer of 256.
  case perceptron
  /// Blocks of convolution, batch normalisation, ReLU and max-pooling, each of half the size and twice the channels,
  /// until at most 4 pixels are left of the shorter side; then a linear layer.
  case convolutional
  /// LeNet-5 with ReLU and max-pooling (`Sequential.leNet5`).
  case leNet5 = "lenet5"
  /// Three stages of two convolutions with batch normalisation, of 32, 64 and 128 channels (`Sequential.vgg`).
  case vgg
  /// Twenty layers with shortcuts (`Sequential.resNet20`).
  case resNet20 = "resnet20"
  /// Eighteen layers with shortcuts, of 64 to 512 channels (`Sequential.resNet18`).
  case resNet18 = "resnet18"
  /// ConvNeXt, for images whose sides are 64 or more with the widths and depths of its smallest form, ConvNeXt V2-A, else
  /// with three stages of two blocks (`Sequential.convNeXt`).
  case convNeXt = "convnext"

  /// The shortest side of images that it can be made for.
  private var leastSide: Int {
    switch self {
    case .linear, .perceptron, .convolutional, .vgg, .resNet20, .resNet18: 1
    case .leNet5: 12
    // Patches of 2 × 2, which are halved twice.
    case .convNeXt: 8
    }
  }

  /// What is wrong with a shape of images, as a clause of a message; nil if nothing is.
  func problem(_ shape: ImageShape) -> String? {
    guard min(shape.height, shape.width) < leastSide else { return nil }
    return "expected images of at least \(leastSide) × \(leastSide) pixels for \(rawValue), found "
      + "\(shape.height) × \(shape.width)"
  }

  /// Makes the network for a shape of images, from logits of the classes to initial weights of the seed.
  package func make(_ shape: ImageShape, classes: Int, seed: UInt64) -> Sequential {
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
      case .leNet5: .leNet5(image: shape.axes, classes: classes)
      case .vgg:
        .vgg(
          image: shape.axes, classes: classes, stages: [[32, 32], [64, 64], [128, 128]], hidden: [128], dropout: 0.3,
          normalizes: true)
      case .resNet20: .resNet20(image: shape.axes, classes: classes)
      case .resNet18: .resNet18(image: shape.axes, classes: classes)
      case .convNeXt:
        if min(shape.height, shape.width) < 64 {
          .convNeXt(image: shape.axes, classes: classes, widths: [40, 80, 160], depths: [2, 2, 2])
        } else {
          .convNeXt(image: shape.axes, classes: classes, widths: [40, 80, 160, 320], depths: [2, 2, 6, 2])
        }
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
