import Descent
import Testing

struct SequentialTests {
  private func types(_ model: Sequential) -> [String] { model.layers.map { "\(type(of: $0))" } }

  @Test(arguments: [(0, false, ["Flatten", "Tanh"]), (2, true, ["Flatten", "ReLU", "SiLU", "ReLU", "SiLU", "Mish"])])
  func theBuilderTakesControlFlow(repetitions: Int, isDeep: Bool, expected: [String]) {
    let tail: [any Layer] = isDeep ? [Mish()] : []
    let maybe: (any Layer)? = isDeep ? nil : Tanh()
    let model = Sequential {
      Flatten()
      for _ in 0..<repetitions {
        ReLU()
        if isDeep { SiLU() } else { Sigmoid() }
      }
      if let maybe { maybe }
      tail
    }
    #expect(types(model) == expected)
  }

  @Test func layersApplyInOrder() {
    let model = Sequential([Lambda { $0 + 1 }]).appending(Lambda { $0 * 10 })
    #expect(model.count == 2)
    #expect(model([1, 2]).array() == [20, 30])
    #expect(model[1]([1, 2]).array() == [10, 20])
    #expect(Sequential([])([1, 2]).array() == [1, 2])
  }

  @Test func theSeedDecidesTheInitialValues() {
    func weights(_ seed: UInt64) -> [[Float]] {
      withSeed(seed) { Sequential([Dense(2, 3), Dense(3, 2)]).parameters.tensors.map { $0.array() } }
    }
    #expect(weights(7) == weights(7))
    #expect(weights(7) != weights(8))
    let model = withSeed(7) { [Dense(3, 3), Dense(3, 3)] }
    #expect(model[0].weight.array() != model[1].weight.array())
    #expect(Dense(2, 2, key: RandomKey(1)).weight.array() == Dense(2, 2, key: RandomKey(1)).weight.array())
    #expect(Dense(2, 2).weight.array() != Dense(2, 2).weight.array())
  }

  @Test func everyCallInsideAContainerIsObserved() {
    struct Custom: Layer {
      let hidden = Lambda { $0 * 2 }
      func callAsFunction(_ x: Tensor) -> Tensor { hidden(x, as: "hidden") + 1 }
    }
    let model = Sequential {
      Lambda { $0 + 1 }
      Residual { Custom() }
    }
    let (y, calls) = observingLayers { model([1, 2]) }
    #expect(y.array() == [7, 10])
    #expect(calls.map(\.path) == ["0", "1.body.0.hidden", "1.body.0", "1.body", "1"])
    #expect(calls.map { $0.output.array() } == [[2, 3], [4, 6], [5, 7], [5, 7], [7, 10]])
  }
}
