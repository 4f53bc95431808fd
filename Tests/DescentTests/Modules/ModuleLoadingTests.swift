import Descent
import Testing

struct ModuleLoadingTests {
  private let model = withSeed(1) {
    Sequential {
      Dense(2, 3)
      BatchNorm(3)
      Dense(3, 1, bias: false)
    }
  }

  @Test func anotherModelsStateMakesTheModelsEqual() throws {
    let other = withSeed(2) {
      Sequential {
        Dense(2, 3)
        BatchNorm(3)
        Dense(3, 1, bias: false)
      }
    }
    let x: Tensor = [[0.5, -1], [2, 3]]
    #expect(model(x).array() != other(x).array())
    try other.load(model.state)
    #expect(model(x).array() == other(x).array())
  }

  @Test func oneErrorListsEveryName() {
    let values: ModuleValues = [
      "0.weight": [[1, 2, 3]], "1.scale": [1, 2, 3], "1.shift": [1, 2, 3], "1.runningMean": [0, 0, 0],
      "2.weight": [1, 2, 3], "2.bias": [1], "head.weight": [1],
    ]
    let error = #expect(throws: ModuleLoadError.self) { try model.load(values) }
    #expect(error?.missing == ["0.bias", "1.runningVariance"])
    #expect(error?.extra == ["2.bias", "head.weight"])
    #expect(
      error?.description
        == "The values do not fit the model: missing 0.bias, 1.runningVariance; not in the model 2.bias, head.weight; "
        + "0.weight has shape [1, 3], expected [2, 3]; 2.weight has shape [3], expected [3, 1].")
  }

  @Test func nothingChangesWhenSomethingDoesNotFit() {
    let before = model.state.tensors.map { $0.array() }
    #expect(throws: ModuleLoadError.self) { try model.load(["0.bias": [1, 2, 3], "0.weight": [1]], verify: .lenient) }
    #expect(model.state.tensors.map { $0.array() } == before)
  }

  @Test func lenientLoadingTakesWhatThereIs() throws {
    try model.load(["0.bias": [1, 2, 3], "other": [1]], verify: .lenient)
    #expect(model.state["0.bias"]?.array() == [1, 2, 3])
  }

  @Test func aTiedTensorLoadsUnderAnyOfItsPaths() throws {
    let tied = TiedAutoencoder()
    try tied.load(["decoder": [[6, 5], [4, 3], [2, 1]]])
    #expect(tied.encoder.array() == [6, 5, 4, 3, 2, 1])
  }

  @Test func elementsTakeTheModelsType() throws {
    let scale = Factor(1)
    try scale.load(["factor": Tensor(0.1, dtype: .float64)])
    #expect(scale.factor.dtype == .float32)
    #expect(scale.factor.scalar() == Float(0.1))
  }

  @Test func snapshotsDoNotChange() {
    let snapshot = model.snapshot()
    let before = snapshot.tensors.map { $0.array() }
    for entry in ParameterTree(model).entries { entry.storage.stored = entry.storage.stored + 1 }
    #expect(snapshot.tensors.map { $0.array() } == before)
    #expect(model.state.tensors.map { $0.array() } != before)
    model.restore(snapshot)
    #expect(model.state.tensors.map { $0.array() } == before)
  }

  @Test func memoryUpdatedInPlaceDoesNotShowThroughReadValues() {
    let scale = Factor(2)
    let storage = ParameterTree(scale).entries[0].storage
    let before = scale.factor
    let memory = storage.liveMemory()
    let during = scale.factor
    memory[0] = .real(7)
    #expect(before.scalar() == 2)
    #expect(during.scalar() == 2)
    #expect(scale.factor.scalar() == 7)
    scale.factor = 9
    #expect(memory[0] == .real(9))
    #expect(storage.liveMemory() === memory)
  }
}
