import Descent

/// A convolution that keeps height and width, or one of its gradients for a cotangent of the result.
struct ConvolutionTask: Task {
  enum Pass: String, Decodable { case forward, dataGradient, weightGradient }

  let pass: Pass
  let batch: Int
  let size: Int
  let window: Int
  let inputs: Int
  let outputs: Int
  let groups: Int

  func prepare() throws -> Prepared {
    let images = [batch, size, size, inputs]
    let results = [batch, size, size, outputs]
    let weights = [window, window, inputs / groups, outputs]
    let groups = groups
    let convolve = { @Sendable (x: Tensor, weights: Tensor) in
      x.convolved(with: weights, padding: .same, groups: groups)
    }
    switch pass {
    case .forward:
      return try Prepared(Factor(value: Noise.tensor(1, weights), convolve), images)
    case .dataGradient:
      let gradient = Factor(value: Noise.tensor(1, weights)) { cotangent, weights in
        vjp(at: Tensor.zeros(images)) { convolve($0, weights) }.pullback(cotangent)
      }
      return try Prepared(gradient, results)
    case .weightGradient:
      let gradient = Factor(value: Noise.tensor(1, results)) { x, cotangent in
        vjp(at: Tensor.zeros(weights)) { convolve(x, $0) }.pullback(cotangent)
      }
      return try Prepared(gradient, images)
    }
  }
}
