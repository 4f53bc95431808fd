public import DescentCore

/// The gated recurrent unit (Cho et al. 2014), in the form of PyTorch and cuDNN. With r, z, n from xₜ·W + b and r′, z′, n′
/// from hₜ₋₁·U + c, side by side in this order, n̂ = tanh(n + σ(r + r′) · n′) and
/// hₜ = (1 − σ(z + z′)) · n̂ + σ(z + z′) · hₜ₋₁.
///
/// Shapes: x [batch, time, inputs] → y [batch, time, hidden], the hidden state after every step; twice as wide, and the
/// steps read from both ends, if bidirectional. All weights start uniform on ± 1/√hidden.
public struct GRU: ConfigurableLayer {
  public let weights: [RecurrentWeights]
  public let configuration: RecurrentConfiguration

  public init(_ inputs: Int, _ hidden: Int, layers: Int = 1, bidirectional: Bool = false, key: RandomKey? = nil) {
    let configuration = RecurrentConfiguration(
      inputs: inputs, hidden: hidden, layers: layers, bidirectional: bidirectional)
    self = trapping("GRU") { () throws(ConfigurationError) in try GRU(configuration, key: key) }
  }

  public init(configuration: RecurrentConfiguration) throws(ConfigurationError) {
    try self.init(configuration, key: nil)
  }

  private init(_ configuration: RecurrentConfiguration, key: RandomKey?) throws(ConfigurationError) {
    weights = try Self.makeWeights(configuration, key: key)
    self.configuration = configuration
  }

  public func callAsFunction(_ x: Tensor) -> Tensor { unrolled(x, from: nil).outputs }

  /// Goes on from a state, and gives the one after the last step; nil starts from zeros.
  public func callAsFunction(_ x: Tensor, from state: RecurrentState?) -> (outputs: Tensor, state: RecurrentState) {
    unrolled(x, from: state)
  }
}

extension GRU: RecurrentLayer {
  static var gates: Int { 3 }
  static var hasCell: Bool { false }

  func step(_ input: Tensor, _ state: [Tensor], _ weights: RecurrentWeights) -> [Tensor] {
    let fromInput = input.split(into: 3, axis: -1)
    let fromState = (state[0].matmul(weights.recurrent) + weights.recurrentBias).split(into: 3, axis: -1)
    let reset = (fromInput[0] + fromState[0]).sigmoid()
    let update = (fromInput[1] + fromState[1]).sigmoid()
    let candidate = (fromInput[2] + reset * fromState[2]).tanh()
    return [candidate + update * (state[0] - candidate)]
  }
}
