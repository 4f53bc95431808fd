public import DescentCore

/// The gated recurrent unit (Cho et al. 2014), in the form of PyTorch and cuDNN. With r, z, n from xₜ·W + b and r′, z′, n′
/// from hₜ₋₁·U + c, side by side in this order, n̂ = tanh(n + σ(r + r′) · n′) and
/// hₜ = (1 − σ(z + z′)) · n̂ + σ(z + z′) · hₜ₋₁.
///
/// Shapes: x [batch, time, inputs] → y [batch, time, hidden], the hidden state after every step; twice as wide, and the
/// steps read from both ends, if bidirectional. All weights start uniform on ± 1/√hidden.
public struct GRU: RecurrentLayer {
  public static let gates = 3
  public static let hasCell = false

  public let weights: [RecurrentWeights]
  public let configuration: RecurrentConfiguration

  public init(configuration: RecurrentConfiguration, weights: [RecurrentWeights]) {
    self.configuration = configuration
    self.weights = weights
  }

  public func step(_ input: Tensor, _ state: [Tensor], _ weights: RecurrentWeights) -> [Tensor] {
    let fromInput = input.split(into: 3, axis: -1)
    let fromState = (state[0].matmul(weights.recurrent) + weights.recurrentBias).split(into: 3, axis: -1)
    let reset = (fromInput[0] + fromState[0]).sigmoid()
    let update = (fromInput[1] + fromState[1]).sigmoid()
    let candidate = (fromInput[2] + reset * fromState[2]).tanh()
    return [candidate + update * (state[0] - candidate)]
  }
}
