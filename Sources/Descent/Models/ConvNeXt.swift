extension Sequential {
  /// ConvNeXt (Liu et al. 2022): patches of the image, then stages of blocks that mix pixels by a depthwise convolution of
  /// 7×7 and channels by two fully connected layers; each stage but the first halves the image.
  ///
  /// The widths and depths that stand here are those of ConvNeXt-T: 28,589,128 parameters for images of 224×224×3 and 1000
  /// classes. For small images take narrower ones, such as `widths: [40, 80, 160], depths: [2, 2, 2]`.
  ///
  /// - Parameters:
  ///   - image: [height, width, channels]
  ///   - widths: The channels of each stage.
  ///   - depths: The blocks of each stage.
  ///   - patch: The side of the patches; unless given 4, or 2 where a side of the images is less than 64.
  ///   - stochasticDepth: The rate at which the last block is left out in training; it grows evenly from 0 for the first.
  public static func convNeXt(
    image: [Int] = [224, 224, 3], classes: Int = 1000, widths: [Int] = [96, 192, 384, 768],
    depths: [Int] = [3, 3, 9, 3], patch: Int? = nil, stochasticDepth: Double = 0.1
  ) -> Sequential {
    requireImage("convNeXt", image)
    guard !widths.isEmpty && widths.count == depths.count else {
      fatalError("convNeXt: expects a width and a depth for each stage, not \(widths) and \(depths)")
    }
    let patch = patch ?? (image[0] < 64 || image[1] < 64 ? 2 : 4)
    let steps = max(depths.reduce(0, +) - 1, 1)
    return Sequential {
      Convolution(image[2], widths[0], window: [patch, patch], strides: [patch, patch])
      LayerNorm(widths[0], epsilon: 1e-6)
      for (stage, width) in widths.enumerated() {
        if stage > 0 {
          LayerNorm(widths[stage - 1], epsilon: 1e-6)
          Convolution(widths[stage - 1], width, window: [2, 2], strides: [2, 2])
        }
        for block in 0..<depths[stage] {
          let before = depths[..<stage].reduce(0, +) + block
          convNeXtBlock(width, dropped: stochasticDepth * Double(before) / Double(steps))
        }
      }
      GlobalAveragePooling()
      LayerNorm(widths[widths.count - 1], epsilon: 1e-6)
      Dense(widths[widths.count - 1], classes)
    }
  }

  private static func convNeXtBlock(_ width: Int, dropped rate: Double) -> Residual {
    Residual {
      Convolution(width, width, window: [7, 7], padding: .symmetric([3, 3]), groups: width)
      LayerNorm(width, epsilon: 1e-6)
      Dense(width, 4 * width)
      GELU()
      Dense(4 * width, width)
      LayerScale(width)
      if rate > 0 { StochasticDepth(rate) }
    }
  }
}
