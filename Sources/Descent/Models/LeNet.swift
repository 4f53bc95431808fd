extension Sequential {
  /// LeNet-5 (LeCun et al. 1998) in the form that is usual today: two convolutions of 5×5 with 6 and 16 channels, each
  /// followed by an activation and by pooling, then 120, 84 and as many numbers as classes.
  ///
  /// 61,706 parameters for 10 classes of images with one channel of 32×32, or of 28×28, which are padded to as much. Other
  /// images of at least 12×12 do too. The paper has `Tanh()` and `AveragePooling([2, 2])`.
  ///
  /// - Parameter image: [height, width, channels]
  public static func leNet5(
    image: [Int] = [28, 28, 1], classes: Int = 10, activation: any Layer = ReLU(),
    pooling: any Layer = MaxPooling([2, 2])
  ) -> Sequential {
    requireImage("leNet5", image)
    let isSmall = image[0] < 32 || image[1] < 32
    let features: [any Layer] = [
      Convolution(image[2], 6, window: [5, 5], padding: isSmall ? .symmetric([2, 2]) : .valid), activation, pooling,
      Convolution(6, 16, window: [5, 5]), activation, pooling, Flatten(),
    ]
    return Sequential {
      features
      Dense(shape(after: features, of: image)[0], 120, initializer: .heUniform)
      activation
      Dense(120, 84, initializer: .heUniform)
      activation
      Dense(84, classes)
    }
  }
}
