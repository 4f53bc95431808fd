public import DescentCore

/// What a recurrent layer is made from.
public struct RecurrentConfiguration: Codable, Sendable {
  /// The features of a step, and the numbers of its state.
  public let inputs, hidden: Int
  /// How many follow each other, each reading the states of the one before.
  public let layers: Int
  /// Whether a second set of weights reads each sequence from its end; both states then stand side by side.
  public let bidirectional: Bool

  var directions: Int { bidirectional ? 2 : 1 }

  fileprivate func check() throws(ConfigurationError) {
    try requireSizes([inputs, hidden, 4], "inputs and hidden")
    guard (1...64).contains(layers) else { throw ConfigurationError("expected from 1 to 64 layers, found \(layers)") }
  }
}

/// What a recurrent layer remembers between steps.
public struct RecurrentState: Sendable {
  /// The last output of every layer and direction.  // [layers · directions, batch, hidden]
  public let hidden: Tensor
  /// The cells of an `LSTM`, nil for other layers.  // [layers · directions, batch, hidden]
  public let cell: Tensor?

  public init(hidden: Tensor, cell: Tensor? = nil) {
    self.hidden = hidden
    self.cell = cell
  }

  /// The same state, through which no derivative flows: learning looks back to here and no further.
  public func stopGradient() -> RecurrentState {
    RecurrentState(hidden: hidden.stopGradient(), cell: cell?.stopGradient())
  }
}

/// The weights of one direction of one recurrent layer; those of its gates stand side by side.
public struct RecurrentWeights: Module {
  /// [inputs, gates · hidden]
  @Parameter public var input: Tensor
  /// [hidden, gates · hidden]
  @Parameter public var recurrent: Tensor
  /// [gates · hidden]
  @Parameter public var inputBias: Tensor
  /// [gates · hidden]
  @Parameter public var recurrentBias: Tensor

  init(_ inputs: Int, _ hidden: Int, gates: Int, key: RandomKey) {
    let (limit, keys) = (1 / Double(hidden).squareRoot(), key.split(4))
    func drawn(_ shape: [Int], _ key: RandomKey) -> Tensor { key.uniform(shape, from: -limit, to: limit) }
    input = drawn([inputs, gates * hidden], keys[0])
    recurrent = drawn([hidden, gates * hidden], keys[1])
    inputBias = drawn([gates * hidden], keys[2])
    recurrentBias = drawn([gates * hidden], keys[3])
  }
}

/// What `RNN`, `LSTM` and `GRU` share: they differ in one step alone. The steps are unrolled into the graph. A layer of your
/// own is one by saying how many gates it has and what a step does.
///
/// Shapes: x [batch, time, inputs] → y [batch, time, hidden], the hidden state after every step; twice as wide, and the
/// steps read from both ends, if bidirectional. All weights start uniform on ± 1/√hidden.
public protocol RecurrentLayer: ConfigurableLayer where Configuration == RecurrentConfiguration {
  /// How many gates there are, whose weights stand side by side.
  static var gates: Int { get }
  /// Whether a step also keeps a cell.
  static var hasCell: Bool { get }
  /// Of every layer and direction.
  var weights: [RecurrentWeights] { get }

  init(configuration: RecurrentConfiguration, weights: [RecurrentWeights])

  /// The state after a step: the hidden one and perhaps the cell.
  /// - Parameters:
  ///   - input: What the step's features come to, biases included.  // [batch, gates · hidden]
  ///   - state: The one before.  // [batch, hidden] each
  func step(_ input: Tensor, _ state: [Tensor], _ weights: RecurrentWeights) -> [Tensor]
}

extension RecurrentLayer {
  public init(_ inputs: Int, _ hidden: Int, layers: Int = 1, bidirectional: Bool = false, key: RandomKey? = nil) {
    let configuration = RecurrentConfiguration(
      inputs: inputs, hidden: hidden, layers: layers, bidirectional: bidirectional)
    self = trapping(Self.name) { () throws(ConfigurationError) in try Self(configuration, key: key) }
  }

  public init(configuration: RecurrentConfiguration) throws(ConfigurationError) {
    try self.init(configuration, key: nil)
  }

  private init(_ configuration: RecurrentConfiguration, key: RandomKey?) throws(ConfigurationError) {
    let c = configuration
    try c.check()
    let keys = (key ?? nextInitialKey()).split(c.layers * c.directions)
    self.init(
      configuration: c,
      weights: keys.indices.map { index in
        let inputs = index < c.directions ? c.inputs : c.hidden * c.directions
        return RecurrentWeights(inputs, c.hidden, gates: Self.gates, key: keys[index])
      })
  }

  var shape: RecurrentShape { RecurrentShape(name: Self.name, configuration: configuration) }

  public func callAsFunction(_ x: Tensor) -> Tensor { self(x, from: nil).outputs }

  /// Goes on from a state; nil starts from zeros. Gives the outputs of the last layer, and the state after the last step of
  /// every layer.
  public func callAsFunction(
    _ x: Tensor, from initial: RecurrentState?
  ) -> (outputs: Tensor, state: RecurrentState) {
    shape.requireShape(of: x)
    let c = configuration
    let stateShape = [weights.count, x.shape[0], c.hidden]
    let tensors = initial.map { [$0.hidden] + ($0.cell.map { [$0] } ?? []) }
    guard tensors?.map(\.shape) ?? states(stateShape) == states(stateShape) else {
      fatalError(
        "\(Self.name): expects \(Self.hasCell ? "a hidden state and cells" : "a state") of shape "
          + "\(text(stateShape)), not " + tensors!.map { text($0.shape) }.joined(separator: " and "))
    }
    var steps = (0..<x.shape[1]).map { x[TensorIndex.all, $0] }  // [batch, features] each
    var last: [[Tensor]] = []
    for first in stride(from: 0, to: weights.count, by: c.directions) {
      let ways = (first..<(first + c.directions)).map { index in
        let start =
          tensors?.map { $0[index] } ?? states(stateShape).map { Tensor.zeros(Array($0[1...]), dtype: x.dtype) }
        let passed = passed(steps, from: start, weights[index], reversed: index > first)
        last.append(passed.last)
        return passed.outputs
      }
      steps = ways.count == 1 ? ways[0] : zip(ways[0], ways[1]).map { .concatenate([$0, $1], axis: -1) }
    }
    let joined = states(stateShape).indices.map { part in Tensor.stack(last.map { $0[part] }) }
    return (
      .stack(steps, axis: 1), RecurrentState(hidden: joined[0], cell: Self.hasCell ? joined[1] : nil)
    )
  }

  private func states(_ shape: [Int]) -> [[Int]] { [[Int]](repeating: shape, count: Self.hasCell ? 2 : 1) }

  /// One direction of one layer over all steps.
  private func passed(
    _ steps: [Tensor], from start: [Tensor], _ weights: RecurrentWeights, reversed: Bool
  ) -> (outputs: [Tensor], last: [Tensor]) {
    // One product for all steps: what they take from the features does not wait for the state.
    let inputs = Tensor.stack(steps).matmul(weights.input) + weights.inputBias  // [time, batch, gates · hidden]
    var (state, outputs) = (start, steps)
    for time in reversed ? Array(steps.indices.reversed()) : Array(steps.indices) {
      state = step(inputs[time], state, weights)
      outputs[time] = state[0]
    }
    return (outputs, state)
  }
}

/// What a recurrent layer makes of shapes, as layers are asked that may be anybody's.
struct RecurrentShape: ShapeChecking {
  let name: String
  let configuration: RecurrentConfiguration

  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    let c = configuration
    guard shape.count == 3 && shape[1] > 0 && shape[2] == c.inputs else {
      throw ConfigurationError("\(name): expects [batch, time, \(c.inputs)], not shape \(text(shape))")
    }
    return [shape[0], shape[1], c.hidden * c.directions]
  }
}

/// The last step of every sequence: x [batch, time, features] → y [batch, features].
public struct LastStep: PlainLayer {
  public init() {}

  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireShape(of: x)
    return x[TensorIndex.all, -1]
  }
}

extension LastStep: ShapeChecking {
  func outputShape(for shape: [Int]) throws(ConfigurationError) -> [Int] {
    guard shape.count >= 2 && shape[1] > 0 else {
      throw ConfigurationError("LastStep: expects [batch, time, …], not shape \(text(shape))")
    }
    return [shape[0]] + shape[2...]
  }
}
