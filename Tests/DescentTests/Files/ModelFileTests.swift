import Descent
import Foundation
import Testing

struct ModelFileTests {
  private func makeModel(_ seed: UInt64, hidden: Int = 3) -> Sequential {
    withSeed(seed) {
      Sequential {
        Dense(2, hidden)
        BatchNorm(hidden)
        Dropout(0.1)
        Dense(hidden, 1, bias: false)
      }
    }
  }

  private let x: Tensor = [[0.5, -1], [2, 3]]

  /// The sentence of the error, without the folder.
  private func message(_ folder: String, _ body: () throws(ModelFileError) -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return error.description.replacingOccurrences(of: folder + "/", with: "")
    }
  }

  @Test func aFileAloneMakesTheModelAgain() throws {
    try TestFiles.withFolder { folder in
      let model = makeModel(1)
      try model.save(to: folder + "/m", provenance: #"{"seed":1}"#, metadata: ["note": "mine"])
      let again = try Sequential(contentsOf: folder + "/m")
      #expect(again(x).array() == model(x).array())
      #expect(again.state.paths == model.state.paths)
      let file = try ModelFile(contentsOf: folder + "/m")
      #expect(file.provenance == #"{"seed":1}"# && file.preprocessing == nil)
      #expect(
        file.metadata == [
          "descent.format": "1", "descent.architecture": try model.architecture(),
          "descent.provenance": #"{"seed":1}"#, "note": "mine",
        ])
      try again.save(to: folder + "/n", provenance: #"{"seed":1}"#, metadata: ["note": "mine"])
      #expect(try TestFiles.bytes(folder + "/n") == TestFiles.bytes(folder + "/m"))
    }
  }

  @Test func preprocessingTravelsWithTheModel() throws {
    let table = try Table(
      csvBytes: Array("size,kind,weight\n1,a,10\n2,b,20\n3,a,30\n4,b,41\n".utf8), source: "fish.csv")
    let rules = try TablePreprocessing(fitting: table, rows: Array(0..<4), target: "weight", task: .regression)
    try TestFiles.withFolder { folder in
      try makeModel(1).save(to: folder + "/m", preprocessing: rules)
      #expect(try ModelFile(contentsOf: folder + "/m").preprocessing == rules)
    }
  }

  @Test func weightsAreLoadedIntoAModelMadeInCode() throws {
    try TestFiles.withFolder { folder in
      let model = makeModel(1)
      try model.save(to: folder + "/m")
      let other = makeModel(2)
      #expect(other(x).array() != model(x).array())
      try other.load(from: folder + "/m")
      #expect(other(x).array() == model(x).array())
    }
  }

  @Test func everyNameThatDoesNotFitIsListed() throws {
    try TestFiles.withFolder { folder in
      try makeModel(1, hidden: 4).save(to: folder + "/m")
      let other = withSeed(2) {
        Sequential {
          Dense(2, 3)
          Dense(3, 1)
        }
      }
      let before = other.state.tensors.map { $0.array() }
      #expect(
        message(folder) { () throws(ModelFileError) in try other.load(from: folder + "/m") }
          == "m: The values do not fit the model: missing 1.weight, 1.bias; not in the model 1.runningMean, "
          + "1.runningVariance, 1.scale, 1.shift, 3.weight; 0.weight has shape [2, 4], expected [2, 3]; 0.bias has shape [4], expected "
          + "[3].")
      #expect(other.state.tensors.map { $0.array() } == before)
    }
  }

  @Test func whatAFileCannotHoldIsRefused() throws {
    try TestFiles.withFolder { folder in
      #expect(
        message(folder) { () throws(ModelFileError) in
          try makeModel(1).save(to: folder + "/m", metadata: ["descent.format": "7"])
        } == "m: the metadata \"descent.format\" begins with \"descent.\", which is reserved.")
      #expect(
        message(folder) { () throws(ModelFileError) in
          try Sequential { LeakyReLU(slope: .nan) }.save(to: folder + "/m")
        } == "m: The architecture: a number in Sequential is not finite.")
    }
  }

  @Test func aModelThatCannotBeDescribedKeepsItsWeights() throws {
    struct Scale: Layer {
      @Parameter var factor: Tensor
      func callAsFunction(_ x: Tensor) -> Tensor { x * factor }
    }
    try TestFiles.withFolder { folder in
      try Scale(factor: 3).save(to: folder + "/m")
      let other = Scale(factor: 1)
      try other.load(from: folder + "/m")
      #expect(other.factor.scalar() == 3)
      #expect(
        message(folder) { () throws(ModelFileError) in _ = try ModelFile(contentsOf: folder + "/m") }
          == "m: expected the text \"descent.architecture\", which is not there; make the model in code and load into it."
      )
    }
  }

  @Test func filesOfAnotherKindAreRefused() throws {
    try TestFiles.withFolder { folder in
      let state = makeModel(1).state
      let architecture = try makeModel(1).architecture()
      let rows: [([String: String], ModuleValues, String)] = [
        (
          ["descent.format": "2", "descent.architecture": architecture], state,
          "m: expected version 1 of the format, found \"2\"; a later version of Descent can read it."
        ),
        (
          ["descent.architecture": "{"], state, "m: The architecture: expected JSON."
        ),
        (
          ["descent.architecture": #"{"layer":"Dense","inputs":1000000000000,"outputs":1000000000000,"bias":true}"#],
          state,
          "m: The architecture: Dense: expected inputs and outputs of at least 1 and 2⁴⁰ elements at most, found "
            + "[1000000000000, 1000000000000]."
        ),
        (
          ["descent.architecture": #"{"layer":"Dense","inputs":1000000,"outputs":1000000,"bias":false}"#],
          ["weight": [[1]]],
          "m: The values do not fit the model: weight has shape [1, 1], expected [1000000, 1000000]."
        ),
        (
          ["descent.architecture": architecture, "descent.preprocessing": "[]"], state,
          "m: The preprocessing stored with the model cannot be used: it is of the wrong type."
        ),
      ]
      for (metadata, tensors, expected) in rows {
        try SafeTensors(tensors: tensors, metadata: metadata).write(to: folder + "/m")
        let found = message(folder) { () throws(ModelFileError) in _ = try ModelFile(contentsOf: folder + "/m") }
        #expect(found == expected)
      }
      try Dense(1, 1).save(to: folder + "/m")
      #expect(
        message(folder) { () throws(ModelFileError) in _ = try Sequential(contentsOf: folder + "/m") }
          == "m: expected a Sequential model, found one of type Dense.")
    }
  }

  @Test func aFailedSaveLeavesTheOldModel() throws {
    try TestFiles.withFolder { folder in
      let model = makeModel(1)
      try model.save(to: folder + "/m")
      let before = try TestFiles.bytes(folder + "/m")
      #expect(
        message(folder) { () throws(ModelFileError) in
          try model.save(to: folder + "/m", metadata: ["k": String(repeating: "x", count: 100_000_000)])
        }?.hasPrefix("m: names and metadata take a header of 10000") == true)
      #expect(
        message(folder) { () throws(ModelFileError) in try model.save(to: folder + "/none/m") }
          == "none/m: the file cannot be written (no such folder)."
      )
      #expect(try TestFiles.bytes(folder + "/m") == before)
      #expect(try TestFiles.names(in: folder) == ["m"])
    }
  }

  /// Ordering a million marks would take minutes.
  @Test(arguments: ["\u{301}\u{323}", #"\u0301\u0323"#])
  func manyMarksInADescriptionAreRefused(marks: String) throws {
    let name = "e" + String(repeating: marks, count: 500_000)
    let text = #"{"layer":"Sequential","layers":[],"\#(name)":1,"\#(name) ":2}"#
    let error = #expect(throws: ArchitectureError.self) { try Sequential(architecture: text) }
    #expect(error?.description == "The architecture: expected texts with at most 30 marks on a character.")
    let rules = #"{"version":1,"columns":[{"name":"\#(name)","kind":"missingFlag"}],"\#(name)":2}"#
    let refused = #expect(throws: DataError.self) { try TablePreprocessing(jsonText: rules) }
    #expect(
      refused?.description
        == "The preprocessing stored with the model cannot be used: a text has more than 30 marks on a character.")
  }

  @Test func fewMarksAreTakenAndPairsAreCounted() {
    let few = #"{"layer":"Sequential","layers":[],"e\#(String(repeating: #"\u0301"#, count: 30))":1}"#
    let error = #expect(throws: ArchitectureError.self) { try Sequential(architecture: few) }
    #expect(error?.description.hasSuffix("nothing reads this value.") == true)
    // Marks beyond the first plane are written as pairs.
    let pairs = String(repeating: #"\ud834\udd65"#, count: 31)
    let paired = #expect(throws: ArchitectureError.self) { try Sequential(architecture: #"{"layer":"\#(pairs)"}"#) }
    #expect(paired?.description == "The architecture: expected texts with at most 30 marks on a character.")
  }
}
