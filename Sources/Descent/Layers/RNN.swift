public import DescentCore

/// A network that reads a sequence step by step (Elman 1990): hₜ = tanh(xₜ·W + b + hₜ₋₁·U + c).
///
/// Shapes: x [batch, time, inputs] → y [batch, time, hidden], the hidden state after every step; twice as wide, and the
/// steps read from both ends, if bidirectional. All weights start uniform on ± 1/√hidden.
public struct RNN: RecurrentLayer {
  public static let gates = 1
  public static let hasCell = false

  public let weights: [RecurrentWeights]
  public let configuration: RecurrentConfiguration

  public init(configuration: RecurrentConfiguration, weights: [RecurrentWeights]) {
    self.configuration = configuration
    self.weights = weights
  }

  public func step(_ input: Tensor, _ state: [Tensor], _ weights: RecurrentWeights) -> [Tensor] {
    [(input + (state[0].matmul(weights.recurrent) + weights.recurrentBias)).tanh()]
  }
}
