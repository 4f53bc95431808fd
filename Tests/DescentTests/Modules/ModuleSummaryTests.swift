import Descent
import Testing

struct ModuleSummaryTests {
  @Test func theTableAsItIsPrinted() {
    let model = Sequential {
      Flatten()
      Dense(784, 100)
      BatchNorm(100)
      Residual {
        Dense(100, 100)
        ReLU()
      }
      Lambda { $0.reshaped([-1, 50]) }
      Dense(50, 2, bias: false)
    }
    model.freeze { $0.hasPrefix("1.") }
    #expect(
      model.summary(input: [28, 28]).description == """
        layer     type       output           parameters
        ────────────────────────────────────────────────
        0         Flatten    [batch, 784]              0
        1         Dense      [batch, 100]         78,500
        2         BatchNorm  [batch, 100]            200
        3.body.0  Dense      [batch, 100]         10,100
        3.body.1  ReLU       [batch, 100]              0
        4         Lambda     [2 · batch, 50]           0
        5         Dense      [2 · batch, 2]          100
        ────────────────────────────────────────────────
        88,900 parameters, 10,400 trainable, 200 in buffers, 356,400 bytes
        """)
  }

  @Test func aSingleLayerIsARowAndTiedTensorsCountOnce() {
    let summary = TiedAutoencoder().summary(input: [3])
    #expect(summary.rows.map(\.type) == ["TiedAutoencoder"])
    #expect(summary.rows.map(\.output) == ["[batch, 3]"])
    #expect(summary.description.hasSuffix("6 parameters, all trainable, 24 bytes"))
    let shared = Dense(4, 4)
    #expect(Sequential([shared, shared]).summary(input: [4]).trainableCount == 20)
  }

  @Test func nothingIsComputedAndNoBufferMoves() {
    let norm = BatchNorm(2)
    let before = norm.state.tensors.map { $0.array() }
    _ = withPhase(.training) { Sequential([norm, Dropout(0.5)]).summary(input: [2]) }
    #expect(norm.state.tensors.map { $0.array() } == before)
  }
}
