import Descent
import DescentTesting
import Testing

/// States that go on from one piece of a sequence to the next.
struct RecurrentTests {
  /// A step of a stream: what the network answers, and what it keeps for the next piece.
  private struct Stream: Layer {
    let core: LSTM
    let head: Dense
    @Buffer var hidden: Tensor
    @Buffer var cell: Tensor

    init(width: Int, streams: Int) {
      core = LSTM(2, width)
      head = Dense(width, 1)
      hidden = .zeros([1, streams, width])
      cell = .zeros([1, streams, width])
    }

    func callAsFunction(_ x: Tensor) -> Tensor {  // [stream, time, 2] → [stream, time, 1]
      let (outputs, state) = core(x, from: RecurrentState(hidden: hidden, cell: cell))
      let kept = state.stopGradient()
      hidden = kept.hidden
      cell = kept.cell!
      return head(outputs)
    }

    func forget() {
      hidden = .zeros(hidden.shape)
      cell = .zeros(cell.shape)
    }
  }

  @Test func piecesGiveWhatTheWholeGives() throws {
    let x = RandomKey(3).normal([2, 6, 3])
    func outputs(_ call: (Tensor, RecurrentState?) -> (outputs: Tensor, state: RecurrentState)) throws {
      let whole = call(x, nil)
      let first = call(x[TensorIndex.all, 0..<2], nil)
      let second = call(x[TensorIndex.all, 2..<6], first.state)
      try expectClose(.concatenate([first.outputs, second.outputs], axis: 1), whole.outputs, tolerance: 1e-6)
      try expectClose(second.state.hidden, whole.state.hidden, tolerance: 1e-6)
      // The last output of the last layer is its hidden state.
      try expectClose(whole.state.hidden[-1], whole.outputs[TensorIndex.all, -1], tolerance: 0)
    }
    try outputs(RNN(3, 4, layers: 2).callAsFunction(_:from:))
    try outputs(LSTM(3, 4, layers: 2).callAsFunction(_:from:))
    try outputs(GRU(3, 4, layers: 2).callAsFunction(_:from:))
  }

  /// hₜ = softsign(xₜ·W + b + hₜ₋₁·U + c): all a layer of one's own has to say.
  private struct Own: RecurrentLayer {
    static let gates = 1
    static let hasCell = false
    let configuration: RecurrentConfiguration
    let weights: [RecurrentWeights]

    init(configuration: RecurrentConfiguration, weights: [RecurrentWeights]) {
      (self.configuration, self.weights) = (configuration, weights)
    }

    func step(_ input: Tensor, _ state: [Tensor], _ weights: RecurrentWeights) -> [Tensor] {
      let sum = input + state[0].matmul(weights.recurrent) + weights.recurrentBias
      return [sum / (1 + sum.abs())]
    }
  }

  @Test func layersOfOnesOwnNeedOnlyAStep() throws {
    try LayerConformance(input: [3, 2], output: [3, 8], additional: [Own.self]) {
      Own(2, 4, layers: 2, bidirectional: true)
    }.check()
  }

  @Test func noDerivativeFlowsThroughAStoppedState() {
    let layer = GRU(2, 3)
    func slope(stopping: Bool) -> [Float] {
      gradient { (x: Tensor) in
        let state = layer(x, from: nil).state
        return layer(RandomKey(2).normal([1, 2, 2]), from: stopping ? state.stopGradient() : state).outputs.sum()
      }(RandomKey(1).normal([1, 2, 2])).array()
    }
    #expect(slope(stopping: true).allSatisfy { $0 == 0 })
    #expect(slope(stopping: false).contains { $0 != 0 })
  }

  /// Each answer is a bit of the input three steps ago, in pieces of four: three of four answers need what the piece
  /// before showed, which only the state that goes on can tell.
  @Test func learningGoesOnAcrossPieces() throws {
    let (streams, piece) = (16, 4)
    let model = withSeed(1) { Stream(width: 16, streams: streams) }
    let bits = RandomKey(5).bernoulli([streams, 400]).cast(to: .float32)  // [stream, time]
    let late = Tensor.concatenate([.zeros([streams, 3]), bits[TensorIndex.all, 0..<397]], axis: 1)
    func part(_ index: Int) -> Batch {
      let steps = index * piece..<(index + 1) * piece
      let now = bits[TensorIndex.all, steps]
      return Batch(
        inputs: .stack([now, 1 - now], axis: 2), targets: late[TensorIndex.all, steps].expanded(axis: 2))
    }
    let step = try CompiledStep(model, .adam(learningRate: 0.02)) { model, batch in
      binaryCrossEntropy(logits: model(batch.inputs), targets: batch.targets)
    }
    for _ in 0..<4 {
      model.forget()
      for index in 0..<100 { try step(part(index)) }
    }
    func loss(keeping: Bool) throws -> Double {
      let answer = CompiledModel(model)
      model.forget()
      let losses = try (0..<50).map { index in
        if !keeping { model.forget() }
        let batch = part(index)
        return binaryCrossEntropy(logits: try answer(batch.inputs), targets: batch.targets).scalar(of: Double.self)
      }
      return losses.reduce(0, +) / 50
    }
    let (kept, forgotten) = (try loss(keeping: true), try loss(keeping: false))
    #expect(kept < 0.1, "\(kept) with the state, \(forgotten) without")
    #expect(forgotten > 0.4, "\(forgotten) without the state, \(kept) with it")
  }

  @Test func statesOfAnotherShapeStopTheProgram() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GRU(2, 3)(Tensor.zeros([1, 4, 2]), from: RecurrentState(hidden: .zeros([1, 2, 3])))
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("GRU: expects a state of shape [1, 1, 3], not [1, 2, 3]"))
  }
}
