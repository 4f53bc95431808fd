import Descent

/// The networks that are compared, each with how it is trained.
enum Candidate: String, CaseIterable {
  case oneConvolution = "one convolution"
  case oneConvolutionLonger = "one convolution, longer"
  case twoConvolutions = "two convolutions"
  case invariant = "invariant"

  /// A network from [batch, 128, 128, 1] to a logit for real and one for fake.
  func makeNetwork(seed: UInt64) -> Sequential {
    withSeed(seed) {
      switch self {
      case .oneConvolution, .oneConvolutionLonger: oneConvolutionNetwork()
      case .twoConvolutions: twoConvolutionNetwork()
      case .invariant: invariantNetwork()
      }
    }
  }

  /// Two, as in the course, unless the name says otherwise.
  var epochs: Int {
    switch self {
    case .oneConvolution, .twoConvolutions: 2
    case .oneConvolutionLonger, .invariant: 12
    }
  }

  var learningRate: Double { self == .invariant ? 3e-3 : 1e-3 }

  var description: String {
    switch self {
    case .oneConvolution: "convolution 5×5×32, pooling by 4, dense; 2 epochs, as in the course"
    case .oneConvolutionLonger: "the same network for 12 epochs"
    case .twoConvolutions: "convolution, pooling, convolution, pooling, dense 128, dense; 2 epochs, as in the course"
    case .invariant: "the strength of the noise behind 32 filters, wherever it is; 12 epochs"
    }
  }
}

/// 62,338 parameters, of which 61,506 belong to places in the picture.
private func oneConvolutionNetwork() -> Sequential {
  Sequential {
    Convolution(1, 32, window: [5, 5])
    ReLU()
    MaxPooling([4, 4])
    Flatten()
    Dense(31 * 31 * 32, 2)
  }
}

/// 206,050 parameters.
private func twoConvolutionNetwork() -> Sequential {
  Sequential {
    Convolution(1, 32, window: [5, 5])
    ReLU()
    MaxPooling([4, 4])
    Convolution(32, 32, window: [2, 2])
    ReLU()
    MaxPooling([4, 4])
    Flatten()
    Dense(7 * 7 * 32, 128)
    ReLU()
    Dense(128, 2)
  }
}

/// No weight belongs to a place, and what recordings differ in is taken out before the first weight.
private func invariantNetwork() -> Sequential {
  Sequential {
    Window()
    Convolution(3, 32, window: [4, 4], strides: [2, 2], padding: .same)
    Energy()
    BatchNorm(32)
    Dense(32, 32)
    ReLU()
    Dropout(0.2)
    Dense(32, 2)
  }
}

/// A frame without what its recording gave it: x [batch, h, w, 1] → y [batch, h, w, 3].
///
/// Finds the window, outside of which all values are the same; takes what is fine, mostly noise, and what is coarse,
/// mostly activity; and measures both in units of the frame's own noise, so that neither light nor gain are left.
struct Window: PlainLayer {
  func callAsFunction(_ x: Tensor) -> Tensor {
    let span = highest(x, within: 3) + highest(-x, within: 3)
    let inside = 1 - highest((span .<= 0).cast(to: .float32), within: 5)
    let coarse = x.averagePooled(window: [3, 3], strides: [1, 1], padding: .same)
    let fine = (x - coarse) * inside
    let area = total(inside) + 1
    let noise = (total(fine.squared()) / area + 1e-12).sqrt()
    let mean = total(coarse * inside) / area
    let activity = ((coarse - mean) / (4 * noise)).tanh() * inside
    return .concatenate([3 * (fine / (3 * noise)).tanh(), activity, inside], axis: -1)
  }

  private func highest(_ x: Tensor, within size: Int) -> Tensor {
    x.maxPooled(window: [size, size], strides: [1, 1], padding: .same)
  }

  /// The sum over a frame.  // [batch, 1, 1, 1]
  private func total(_ x: Tensor) -> Tensor { x.sum(axes: [1, 2, 3], keepingAxes: true) }
}

/// How strong each channel is over the whole picture: x [batch, h, w, channels] → log mean x² [batch, channels].
struct Energy: PlainLayer {
  func callAsFunction(_ x: Tensor) -> Tensor { (x.squared().mean(axes: [1, 2]) + 1e-6).log() }
}
