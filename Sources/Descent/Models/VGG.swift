extension Sequential {
  /// A network of 3×3 convolutions, as many as `stages` says, with pooling by 2 after each stage, then fully connected
  /// layers (Simonyan & Zisserman 2015).
  ///
  /// The stages that stand here are those of VGG-11: 132,863,336 parameters for images of 224×224×3 and 1000 classes. For
  /// small images take few stages and hidden numbers: `stages: [[32, 32], [64, 64]], hidden: [128]`. An image that shrank
  /// to one row or column is not pooled further.
  ///
  /// - Parameters:
  ///   - image: [height, width, channels]
  ///   - stages: The channels of each convolution of each stage.
  ///   - hidden: The widths of the fully connected layers before the last.
  ///   - dropout: The rate after each of them.
  ///   - normalizes: Whether a `BatchNorm` follows each convolution, which then has no bias.
  public static func vgg(
    image: [Int] = [224, 224, 3], classes: Int = 1000,
    stages: [[Int]] = [[64], [128], [256, 256], [512, 512], [512, 512]], hidden: [Int] = [4096, 4096],
    dropout: Double = 0.5, normalizes: Bool = false
  ) -> Sequential {
    requireImage("vgg", image)
    var (features, extents, inputs): ([any Layer], [Int], Int) = ([], Array(image[..<2]), image[2])
    for stage in stages {
      for outputs in stage {
        features.append(
          Convolution(inputs, outputs, window: [3, 3], padding: .symmetric([1, 1]), bias: !normalizes))
        if normalizes { features.append(BatchNorm(outputs)) }
        features.append(ReLU())
        inputs = outputs
      }
      guard extents.allSatisfy({ $0 >= 2 }) else { continue }
      features.append(MaxPooling([2, 2]))
      extents = extents.map { $0 / 2 }
    }
    let widths = [extents[0] * extents[1] * inputs] + hidden
    return Sequential {
      features
      Flatten()
      for (width, next) in zip(widths, hidden) {
        Dense(width, next, initializer: .heUniform)
        ReLU()
        if dropout > 0 { Dropout(dropout) }
      }
      Dense(widths[hidden.count], classes)
    }
  }
}
