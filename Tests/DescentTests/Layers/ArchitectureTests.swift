import Descent
import DescentTesting
import Testing

private struct Doubling: ConfigurableLayer {
  struct Configuration: Codable, Sendable { let times: Int }
  let configuration: Configuration
  init(times: Int) { configuration = Configuration(times: times) }
  init(configuration: Configuration) { self.configuration = configuration }
  func callAsFunction(_ x: Tensor) -> Tensor { (0..<configuration.times).reduce(x) { sum, _ in sum + sum } }
}

struct ArchitectureTests {
  private let model = Sequential {
    Dense(4, 3)
    Residual {
      LayerNorm(3)
      GELU(.tanh)
    }
    Sequential { Dropout(0.5) }
  }

  private let text =
    #"{"layer":"Sequential","layers":[{"bias":true,"inputs":4,"layer":"Dense","outputs":3},"#
    + #"{"body":{"layer":"Sequential","layers":[{"epsilon":1e-05,"layer":"LayerNorm","shape":[3]},"#
    + #"{"form":"tanh","layer":"GELU"}]},"layer":"Residual"},"#
    + #"{"layer":"Sequential","layers":[{"layer":"Dropout","rate":0.5}]}]}"#

  @Test func theTextIsStable() throws { #expect(try model.architecture() == text) }

  @Test func readingTheTextMakesTheSameModel() throws {
    let copy = try Sequential(architecture: text)
    #expect(try copy.architecture() == text)
    #expect(copy.state.paths == model.state.paths)
    try copy.load(model.state)
    let x = RandomKey(1).normal([2, 4])
    try expectClose(copy(x), model(x), tolerance: 0)
  }

  @Test func aShortcutIsDescribed() throws {
    let model = Sequential { Residual(shortcut: Dense(2, 1)) { Dense(2, 1) } }
    let text = try model.architecture()
    #expect(text.contains(#""shortcut":{"bias":true,"inputs":2,"layer":"Dense","outputs":1}"#))
    let copy = try Sequential(architecture: text)
    #expect(try copy.architecture() == text)
    #expect(copy.state.paths.sorted() == ["0.body.0.bias", "0.body.0.weight", "0.shortcut.bias", "0.shortcut.weight"])
  }

  @Test func readingTakesNoKeysFromTheProgram() throws {
    func weights(reading: Bool) throws -> [Float] {
      try withSeed(5) {
        if reading { _ = try Sequential(architecture: text) }
        return Dense(2, 2).weight.array()
      }
    }
    #expect(try weights(reading: true) == weights(reading: false))
  }

  @Test func layersOfYourOwnCanBeNamed() throws {
    let own = try Sequential { Doubling(times: 3) }.architecture()
    #expect(own == #"{"layer":"Sequential","layers":[{"layer":"Doubling","times":3}]}"#)
    let copy = try Sequential(architecture: own, additional: [Doubling.self])
    #expect(copy([1, 2]).array() == [8, 16])
  }

  @Test func aClosureCannotBeWritten() {
    let model = Sequential { Residual { Lambda { $0 } } }
    let error = #expect(throws: ArchitectureError.self) { try model.architecture() }
    #expect(
      error?.description == "The architecture at layers.0.body.layers.0: Lambda is not a ConfigurableLayer, so that a "
        + "file can hold its weights only.")
  }

  @Test(arguments: [
    ("[", "The architecture: expected JSON."),
    ("", "The architecture: expected JSON."),
    ("3", "The architecture: expected a list or an object."),
    ("{}", "The architecture: expected a value for \"layer\"."),
    (#"{"layer":3}"#, "The architecture at layer: expected a text."),
    (#"{"layer":"ReLU"}"#, "The architecture at layer: expected \"Sequential\", found \"ReLU\"."),
    (
      #"{"layer":"Sequental"}"#,
      "The architecture at layer: there is no layer \"Sequental\"; did you mean \"Sequential\"?"
    ),
    (#"{"layer":"Sequential"}"#, "The architecture: expected a value for \"layers\"."),
    (#"{"layer":"Sequential","layers":3}"#, "The architecture at layers: expected a list or an object."),
    (
      #"{"layer":"Sequential","layers":[{"layer":"Dense","inputs":2,"outputs":0,"bias":true}]}"#,
      "The architecture at layers.0: Dense: expected inputs and outputs of at least 1 and 2⁴⁰ elements at most, "
        + "found [2, 0]."
    ),
    (
      #"{"layer":"Sequential","layers":[{"layer":"Dense","inputs":9223372036854775807,"outputs":3,"bias":true}]}"#,
      "The architecture at layers.0: Dense: expected inputs and outputs of at least 1 and 2⁴⁰ elements at most, "
        + "found [9223372036854775807, 3]."
    ),
    (
      #"{"layer":"Sequential","layers":[{"layer":"Dense","inputs":2,"outputs":1.5,"bias":true}]}"#,
      "The architecture: found a number that does not fit, such as a fraction for a size."
    ),
    (
      #"{"layer":"Sequential","layers":[{"layer":"Dense","inputs":2,"outputs":"a","bias":true}]}"#,
      "The architecture at layers.0.outputs: expected a whole number."
    ),
    (
      #"{"layer":"Sequential","layers":[{"layer":"Dropout","rate":1}]}"#,
      "The architecture at layers.0: Dropout: expected a rate from 0 up to but not including 1, found 1.0."
    ),
    (
      #"{"layer":"Sequential","layers":[{"layer":"GELU","form":"round"}]}"#,
      "The architecture at layers.0.form: found a value that is not allowed here."
    ),
    (
      #"{"layer":"Sequential","layers":[{"layer":"ReLU","slope":0.1}]}"#,
      "The architecture at layers.0.slope: nothing reads this value."
    ),
    (
      #"{"layer":"Sequential","layers":[{"layer":"Reshape","shape":[-1,-1]}]}"#,
      "The architecture at layers.0: Reshape: expected at most one extent of -1, found [-1, -1]."
    ),
    (
      #"{"layer":"Sequential","layers":[{"layer":"PolynomialFeatures","degree":0,"interactions":true}]}"#,
      "The architecture at layers.0: PolynomialFeatures: expected a degree from 1 to 64, found 0."
    ),
  ])
  func whatIsWrongIsSaid(text: String, expected: String) {
    let error = #expect(throws: ArchitectureError.self) { try Sequential(architecture: text) }
    #expect(error?.description == expected)
  }
}
