public import DescentCore

/// Long short-term memory (Hochreiter & Schmidhuber 1997; with the forget gate of Gers et al. 2000): a cell c that gates
/// write to, erase and read. With gates i, f, g, o = xₜ·W + b + hₜ₋₁·U + c, side by side in this order,
/// cₜ = σ(f) · cₜ₋₁ + σ(i) · tanh(g) and hₜ = σ(o) · tanh(cₜ).
///
/// Shapes: x [batch, time, inputs] → y [batch, time, hidden], the hidden state after every step; twice as wide, and the
/// steps read from both ends, if bidirectional. All weights start uniform on ± 1/√hidden.
public struct LSTM: RecurrentLayer {
  public static let gates = 4
  public static let hasCell = true

  public let weights: [RecurrentWeights]
  public let configuration: RecurrentConfiguration

  public init(configuration: RecurrentConfiguration, weights: [RecurrentWeights]) {
    self.configuration = configuration
    self.weights = weights
  }

  public func step(_ input: Tensor, _ state: [Tensor], _ weights: RecurrentWeights) -> [Tensor] {
    let sums = input + (state[0].matmul(weights.recurrent) + weights.recurrentBias)
    let gates = sums.split(into: 4, axis: -1)
    let cell = gates[1].sigmoid() * state[1] + gates[0].sigmoid() * gates[2].tanh()
    return [gates[3].sigmoid() * cell.tanh(), cell]
  }
}
