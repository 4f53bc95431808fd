import Descent
import Testing

struct ParameterTreeTests {
  @Test func pathsFollowTheDeclarations() {
    let places = Places()
    #expect(
      places.state.paths == [
        "weight", "present", "average", "pair.0.factor", "pair.1.factor", "grid.0.0.factor", "grid.1.0.factor",
        "grid.1.1.factor", "named.alpha.factor", "named.zeta.factor", "maybe.factor", "choice.scaled.factor",
        "mixed.0.factor", "object.first.factor", "object.second.factor",
      ])
    #expect(places.buffers.paths == ["average"])
    #expect(places.parameters.count == 14)
    #expect(places.parameterCount == 2 + 3 + 12)
    #expect(places.parameters["grid.1.1.factor"]?.scalar() == 7)
    #expect(places.parameters["grid.1.2.factor"] == nil)
  }

  @Test func sequentialNumbersItsLayersDirectly() {
    let model = Sequential {
      Dense(2, 3)
      ReLU()
      Sequential { Dense(3, 1, bias: false) }
    }
    #expect(model.parameters.paths == ["0.weight", "0.bias", "2.0.weight"])
  }

  @Test func aTiedTensorAppearsOnceUnderAllItsPaths() {
    let model = TiedAutoencoder()
    let entries = ParameterTree(model).entries
    #expect(entries.count == 1)
    #expect(entries[0].paths == ["encoder", "decoder"])
    #expect(model.parameterCount == 6)
    model.decoder = [[0, 0], [0, 0], [0, 1]]
    #expect(model.encoder.array() == [0, 0, 0, 0, 0, 1])

    let shared = Dense(2, 2)
    let twice = ParameterTree(Sequential([shared, shared])).entries.map(\.paths)
    #expect(twice == [["0.weight", "1.weight"], ["0.bias", "1.bias"]])
  }

  @Test func copiesShareTheirParameters() {
    let model = Factor(2)
    let copy = model
    copy.factor = 5
    #expect(model.factor.scalar() == 5)
  }

  @Test func freezingBelongsToTheParameter() {
    let model = Sequential {
      Dense(2, 3)
      Dense(3, 1)
    }
    let copy = model
    model.freeze { $0.hasPrefix("0.") }
    #expect(ParameterTree(copy).trainable.map(\.path) == ["1.weight", "1.bias"])
    model.freeze()
    #expect(ParameterTree(copy).trainable.isEmpty)
    model.unfreeze { $0.hasSuffix("bias") }
    #expect(ParameterTree(copy).trainable.map(\.path) == ["0.bias", "1.bias"])

    let tied = TiedAutoencoder()
    tied.freeze { $0 == "decoder" }
    #expect(tied.$encoder.isFrozen)
  }

  @Test func optionalParametersComeAndGo() {
    let layer = Dense(2, 1)
    layer.bias = nil
    #expect(layer.parameters.paths == ["weight"])
    layer.bias = [3]
    #expect(layer.parameters["bias"]?.array() == [3])
  }

  @Test func convertingKeepsValuesAndLeavesIntegers() {
    struct Counted: Layer {
      @Parameter var factor: Tensor = [0.5, 0.25]
      @Buffer var count = Tensor([Int32(3)])
      func callAsFunction(_ x: Tensor) -> Tensor { x * factor }
    }
    let model = Counted()
    model.convert(to: .float64)
    #expect(model.factor.dtype == .float64)
    #expect(model.factor.array() == [0.5, 0.25])
    #expect(model.count.dtype == .int32)
  }
}
