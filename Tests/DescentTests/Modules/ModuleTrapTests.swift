import Descent
import Testing

private struct Bare: Layer {
  let weight: Tensor = [1, 2]
  func callAsFunction(_ x: Tensor) -> Tensor { x * weight }
}

private struct Plain: Sendable {
  let inner = Factor(1)
}

private struct HoldsPlain: Layer {
  let part = Plain()
  func callAsFunction(_ x: Tensor) -> Tensor { x }
}

private struct HoldsPair: Layer {
  let pair = (Factor(1), Factor(2))
  func callAsFunction(_ x: Tensor) -> Tensor { x }
}

private struct HoldsNumbered: Layer {
  let byNumber = [1: Factor(1)]
  func callAsFunction(_ x: Tensor) -> Tensor { x }
}

/// Programming errors stop the program with a sentence that names the place.
struct ModuleTrapTests {
  private func text(of result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test func aBareTensor() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Sequential([Identity(), Bare()]).parameters
    }
    let expected =
      "Bare: the stored tensor at \"1.weight\" would not be saved; wrap it in @Parameter or @Buffer."
    #expect(text(of: result).contains(expected))
  }

  @Test func aLayerInAStructThatIsNoModule() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = HoldsPlain().parameters
    }
    let expected = "Plain: the layer at \"part.inner\" would be overlooked; make Plain conform to Module."
    #expect(text(of: result).contains(expected))
  }

  @Test func aLayerInATuple() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = HoldsPair().parameters
    }
    let expected =
      "a tuple: the layer at \"pair.0\" would be overlooked; keep it in a struct that conforms to Module."
    #expect(text(of: result).contains(expected))
  }

  @Test func aLayerInADictionaryWithoutTextKeys() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = HoldsNumbered().parameters
    }
    let expected = "a dictionary without text keys: the layer at \"byNumber.1\" would be overlooked"
    #expect(text(of: result).contains(expected))
  }

  @Test func aValueOfAnotherShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Dense(2, 3).weight = [1, 2]
    }
    #expect(text(of: result).contains("A parameter of shape [2, 3] cannot take a value of shape [2]."))
  }

  @Test func dropoutWithoutAKey() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = withPhase(.training) { Dropout(0.5)([[1, 2]]) }
    }
    #expect(text(of: result).contains("call the model within withPhase(.training, key: …)"))
  }

  @Test func aDenseLayerWithTheWrongInput() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dense(3, 4)(Tensor.zeros([5, 2]))
    }
    #expect(text(of: result).contains("Dense: expects 3 features in the last axis, not shape [5, 2]"))
  }

  @Test func aResidualThatChangesTheShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Residual { Dense(2, 1) }(Tensor.zeros([5, 2]))
    }
    #expect(text(of: result).contains("Residual: the layers turn shape [5, 2] into [5, 1]; it must stay the same"))
  }

  @Test func aShortcutToAnotherShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Residual(shortcut: Dense(2, 3)) { Dense(2, 1) }(Tensor.zeros([5, 2]))
    }
    #expect(
      text(of: result).contains(
        "Residual: the layers turn shape [5, 2] into [5, 1], the shortcut into [5, 3]; they must be the same"))
  }

  @Test func oneExampleInATrainingBatch() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = withPhase(.training) { BatchNorm(2)([[1, 2]]) }
    }
    #expect(text(of: result).contains("BatchNorm: needs at least two examples in a training batch, not 1"))
  }

  @Test func aRateThatIsNoProbability() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Dropout(1) }
    #expect(text(of: result).contains("Dropout: expected a rate from 0 up to but not including 1, found 1.0"))
  }
}
