public import DescentCore

/// A network that reads a sequence step by step (Elman 1990): hₜ = tanh(xₜ·W + b + hₜ₋₁·U + c).
///
/// Shapes: x [batch, time, inputs] → y [batch, time, hidden], the hidden state after every step; twice as wide, and the
/// steps read from both ends, if bidirectional. All weights start uniform on ± 1/√hidden.
public struct RNN: ConfigurableLayer {
  public let weights: [RecurrentWeights]
  public let configuration: RecurrentConfiguration

  public init(_ inputs: Int, _ hidden: Int, layers: Int = 1, bidirectional: Bool = false, key: RandomKey? = nil) {
    let configuration = RecurrentConfiguration(
      inputs: inputs, hidden: hidden, layers: layers, bidirectional: bidirectional)
    self = trapping("RNN") { () throws(ConfigurationError) in try RNN(configuration, key: key) }
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

extension RNN: RecurrentLayer {
  static var gates: Int { 1 }
  static var hasCell: Bool { false }

  func step(_ input: Tensor, _ state: [Tensor], _ weights: RecurrentWeights) -> [Tensor] {
    [(input + (state[0].matmul(weights.recurrent) + weights.recurrentBias)).tanh()]
  }
}
