import Descent
import Testing

@Suite struct DatasetTests {
  private let numbers = Dataset(
    inputs: Tensor((0..<20).map { Float($0) }, shape: [10, 2]),
    targets: Tensor((0..<10).map { Float($0) * 10 }, shape: [10, 1]))

  @Test func givesBatchesInOrderWithTheLastPartial() {
    let batches = Array(numbers.batches(of: 4))
    #expect(batches.map(\.count) == [4, 4, 2])
    #expect(batches[2].inputs.array() == [16, 17, 18, 19] && batches[2].targets.array() == [80, 90])
    #expect(batches[2].inputs.shape == [2, 2] && batches[2].targets.shape == [2, 1])
    #expect(batches[2].rowNumbers == [8, 9])
    #expect(numbers.batches(of: 4, droppingPartial: true).count == 2)
    #expect(
      numbers.batches(of: 1).count == 10 && numbers.batches(of: 10).count == 1 && numbers.batches(of: 99).count == 1)
    #expect(Array(numbers.subset([]).batches(of: 3)).isEmpty)
  }

  @Test func shufflesEveryEpochAnew() {
    func rows(_ seed: UInt64, _ epoch: Int) -> [Int] {
      numbers.batches(of: 3, shuffledWith: seed, epoch: epoch).flatMap(\.rowNumbers)
    }
    for epoch in 0..<20 { #expect(rows(5, epoch).sorted() == Array(0..<10)) }
    #expect(rows(5, 0) == rows(5, 0) && rows(5, 0) != rows(5, 1) && rows(5, 0) != rows(6, 0))
    for batch in numbers.batches(of: 3, shuffledWith: 5) {
      #expect(batch.inputs.array() == batch.rowNumbers.flatMap { [Float(2 * $0), Float(2 * $0 + 1)] })
      #expect(batch.targets.array() == batch.rowNumbers.map { Float($0) * 10 })
    }
  }

  @Test func splitsWithoutOverlapAndByClass() {
    for share in [0.01, 0.3, 0.8, 0.99] {
      let (first, second) = numbers.split(share, seed: 3)
      #expect((first.rowNumbers + second.rowNumbers).sorted() == Array(0..<10))
      #expect(!first.isEmpty && !second.isEmpty)
      #expect(numbers.split(share, seed: 3).0.rowNumbers == first.rowNumbers)
    }
    #expect(numbers.split(0.8, seed: 3).0.count == 8)
    let classes = Dataset(
      inputs: Tensor((0..<100).map { Float($0) }, shape: [100, 1]),
      targets: Tensor((0..<100).map { Int32($0 < 20 ? 1 : 0) }), classNames: ["no", "yes"])
    let (train, test) = classes.split(0.8, seed: 1)
    #expect(train.targets.array(of: Int.self).reduce(0, +) == 16 && test.targets.array(of: Int.self).reduce(0, +) == 4)
  }

  @Test func subsetsKeepTheirRowNumbers() {
    let named = Dataset(
      inputs: [[1], [2], [3]], targets: [[4], [5], [6]], featureNames: ["x"], rowNumbers: [7, 8, 9])
    let part = named.subset([2, 0]).subset([1, 0])
    #expect(part.rowNumbers == [7, 9] && part.inputs.array() == [1, 3] && part.targets.array() == [4, 6])
    #expect(part.featureNames == ["x"] && part.count == 2)
    #expect(named.subset(1..<3).rowNumbers == [8, 9])
  }

  @Test func knowsWhatAModelNeeds() {
    #expect(numbers.features == 2 && numbers.outputs == 1 && numbers.classes == 0 && !numbers.isClassification)
    let digits = Dataset(inputs: .zeros([2, 4, 4, 1]), targets: Tensor([2, 0]))
    #expect(digits.features == 16 && digits.outputs == 3 && digits.classNames == ["0", "1", "2"])
    #expect(digits.inputRowShape == [4, 4, 1] && digits.isClassification)
  }

  @Test func comesFromTables() throws {
    let table = Table(columns: [
      Column("size", numbers: [1.5, 2.5, 1.25, 2.25, 1.75, 60]), Column("kind", texts: ["a", "b", "a", nil, "b", "a"]),
      Column("price", numbers: [10, .nan, 30, 40, 50, 60.5]),
    ])
    let all = try table.dataset(predicting: "price", task: .regression)
    #expect(all.rowNumbers == [0, 2, 3, 4, 5] && all.targets.shape == [5, 1])
    #expect(all.inputs.shape == [5, all.features] && all.featureNames.count == all.features)
    let kinds = try table.dataset(predicting: "kind")
    #expect(kinds.classNames == ["a", "b"] && kinds.targets.array(of: Int.self) == [0, 1, 0, 1, 0])
    #expect(kinds.rowNumbers == [0, 1, 2, 4, 5])

    // Standardised on the training rows alone: there the mean is 0, and the row left out lies far outside.
    let split = try Split(inOrder: [0, 2, 3, 4, 5], validation: 0, test: 0.2)
    let parts = try table.datasets(predicting: "price", split: split, task: .regression)
    #expect(parts.train.rowNumbers == [0, 2, 3, 4] && parts.test.rowNumbers == [5] && parts.validation.isEmpty)
    #expect(abs(parts.train.inputs[0..., 0].mean().scalar(of: Float.self)) < 1e-6)
    #expect(parts.test.inputs[0, 0].scalar(of: Float.self) > 10)
  }

  /// The model answers 0.5, so that half a deviation above the mean of the training rows is predicted everywhere.
  @Test func measuresInTheUnitOfTheTarget() throws {
    let table = Table(columns: [
      Column("size", numbers: [1.5, 2.5, 1.25, 2.25]), Column("price", numbers: [1000, 3000, 1000, 3000]),
    ])
    let data = try table.dataset(predicting: "price", task: .regression)
    #expect(data.targets.array() == [-1, 1, -1, 1])
    let model = Sequential { Lambda { x in x.sum(axis: 1, keepingAxis: true) * 0 + 0.5 } }
    #expect(try model.predict(data).array() == [2500, 2500, 2500, 2500])
    let scores = try model.evaluate(data.subset([0, 1]), .meanAbsoluteError, .rootMeanSquaredError)
    #expect(scores["meanAbsoluteError"] == 1000 && scores["rootMeanSquaredError"] == 1_250_000.0.squareRoot())
    #expect(try model.evaluate(data, loss: .meanSquaredError) == 1.25, "the loss is in the unit of training")
    let plain = Dataset(inputs: data.inputs, targets: data.targets)
    #expect(try model.evaluate(plain, .meanAbsoluteError)["meanAbsoluteError"] == 1)
    #expect(try model.predict(plain).array() == [0.5, 0.5, 0.5, 0.5])

    let line = Sequential { Dense(1, 1) }
    let history = try line.fit(
      data, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0), epochs: 1, validation: data,
      metrics: [.meanAbsoluteError])
    let expected = try line.evaluate(data, .meanAbsoluteError)["meanAbsoluteError"]
    #expect(history.epochs[0].metrics["meanAbsoluteError"] == expected)
    #expect(try #require(expected) > 100)
  }

  @Test func keepsEqualRowsInOnePart() {
    // 33 rows of which the first three come again.
    let repeated = Dataset(
      inputs: Tensor((0..<66).map { Float($0 / 2 % 30) }, shape: [33, 2]),
      targets: Tensor((0..<33).map { Float($0 % 30) }, shape: [33, 1]))
    var parted = 0
    for seed in 0..<20 {
      let (first, second) = repeated.split(0.7, seed: UInt64(seed))
      func values(_ part: Dataset) -> Set<Float> { Set(part.targets.array(of: Float.self)) }
      #expect(values(first).isDisjoint(with: values(second)))
      #expect(values(first).count == 21 && values(second).count == 9)
      let (some, others) = repeated.split(0.7, seed: UInt64(seed), keepsEqualRowsTogether: false)
      #expect(some.count == 23 && others.count == 10)
      if !values(some).isDisjoint(with: values(others)) { parted += 1 }
    }
    #expect(parted > 8)
    let alike = Dataset(inputs: .ones([10, 2]), targets: .zeros([10, 1])).split(0.7, seed: 1)
    #expect(alike.0.count == 7 && alike.1.count == 3)
  }

  @Test func splitsRowsThatRepeatOftenAsTheyAre() {
    let few = Dataset(
      inputs: Tensor((0..<100).map { Float($0 / 90) }, shape: [100, 1]),
      targets: Tensor((0..<100).map { Float($0 / 90) }, shape: [100, 1]))
    for seed in 0..<20 as Range<UInt64> {
      let (first, second) = few.split(0.8, seed: seed)
      #expect(first.count == 80 && second.count == 20)
    }
  }

  @Test func classPositionsTooLargeToNarrow() async {
    let numbered = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dataset(inputs: .zeros([2, 1]), targets: Tensor([0, 1 << 32]))
    }
    let named = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dataset(inputs: .zeros([2, 1]), targets: Tensor([0, 1 << 32]), classNames: ["no", "yes"])
    }
    for result in [numbered, named] {
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains("found 4294967296"))
    }
  }
}
