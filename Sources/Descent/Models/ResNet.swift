extension Sequential {
  /// A residual network of basic blocks (He et al. 2016): a stem, stages of `ResidualBlock`, of which each but the first
  /// halves the image, the mean over all pixels, and one fully connected layer.
  ///
  /// Where both sides of the images are 64 or more the stem is a convolution of 7×7 at a stride of 2 and pooling by 2, as
  /// for ImageNet; else it is a convolution of 3×3 that keeps the size.
  ///
  /// - Parameters:
  ///   - image: [height, width, channels]
  ///   - widths: The channels of each stage.
  ///   - blocks: The blocks of each stage.
  ///   - shortcut: How the input passes by blocks that change the shape.
  public static func resNet(
    image: [Int], classes: Int, widths: [Int], blocks: [Int], shortcut: ResidualBlock.Shortcut = .projection
  ) -> Sequential {
    requireImage("resNet", image)
    guard !widths.isEmpty && widths.count == blocks.count else {
      fatalError("resNet: expects a width and a number of blocks for each stage, not \(widths) and \(blocks)")
    }
    let isLarge = image[0] >= 64 && image[1] >= 64
    let (window, stride) = isLarge ? (7, 2) : (3, 1)
    return Sequential {
      Convolution(
        image[2], widths[0], window: [window, window], strides: [stride, stride],
        padding: .symmetric([window / 2, window / 2]), bias: false)
      BatchNorm(widths[0])
      ReLU()
      if isLarge { MaxPooling([3, 3], strides: [2, 2], padding: .symmetric([1, 1])) }
      for (stage, width) in widths.enumerated() {
        for block in 0..<blocks[stage] {
          let isFirst = stage > 0 && block == 0
          ResidualBlock(isFirst ? widths[stage - 1] : width, width, stride: isFirst ? 2 : 1, shortcut: shortcut)
        }
      }
      GlobalAveragePooling()
      Dense(widths[widths.count - 1], classes)
    }
  }

  /// ResNet-20 for small images (He et al. 2016, section 4.2): 16, 32 and 64 channels, three blocks each, shortcuts
  /// without parameters. 269,722 parameters for 10 classes of 32×32×3.
  public static func resNet20(image: [Int] = [32, 32, 3], classes: Int = 10) -> Sequential {
    resNet(image: image, classes: classes, widths: [16, 32, 64], blocks: [3, 3, 3], shortcut: .zeros)
  }

  /// ResNet-18 (He et al. 2016, table 1): 11,689,512 parameters for 1000 classes of 224×224×3.
  public static func resNet18(image: [Int] = [224, 224, 3], classes: Int = 1000) -> Sequential {
    resNet(image: image, classes: classes, widths: [64, 128, 256, 512], blocks: [2, 2, 2, 2])
  }

  /// ResNet-34 (He et al. 2016, table 1): 21,797,672 parameters for 1000 classes of 224×224×3.
  public static func resNet34(image: [Int] = [224, 224, 3], classes: Int = 1000) -> Sequential {
    resNet(image: image, classes: classes, widths: [64, 128, 256, 512], blocks: [3, 4, 6, 3])
  }
}
