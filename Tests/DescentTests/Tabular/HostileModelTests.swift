import Descent
import DescentTesting
import Foundation
import Testing

/// Model files whose parts do not fit each other, or that somebody edited.
@Suite struct HostileModelTests {
  private let table: Table
  private let model: TabularModel

  init() throws {
    table = try Table(csv: TestFiles.example("iris.csv"))
    var configuration = TabularConfiguration()
    configuration.epochs = 1
    configuration.hidden = [8]
    model = try TabularModel.train(table, predicting: "species", configuration: configuration).model
  }

  /// The error on reading the model with another architecture and weights that fit that, and on predicting; nil if
  /// there is none.
  private func problem(_ architecture: String) throws -> String? {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/m"
      try model.save(to: path)
      var metadata = try SafeTensors(contentsOf: path).metadata
      metadata["descent.architecture"] = architecture
      var tensors = model.network.state
      if let layer = try? makeLayer(architecture: architecture), layer.parameterCount < 100_000 {
        tensors = layer.state
      }
      try SafeTensors(tensors: tensors, metadata: metadata).write(to: path)
      do throws(TabularError) {
        let loaded = try TabularModel(contentsOf: path)
        let predicted = try loaded.predict(table.rows(in: [0, 70])).adding(to: table.rows(in: [0, 70]))
        #expect(predicted.columns.count == 9)
        return nil
      } catch {
        return error.description.replacingOccurrences(of: path, with: "m")
      }
    }
  }

  private static func dense(_ inputs: Int, _ outputs: Int) -> String {
    #"{"layer":"Dense","inputs":\#(inputs),"outputs":\#(outputs),"bias":true}"#
  }

  /// Reshapes and monomials by turns: more and more numbers from a file of a few bytes.
  @Test func aNetworkThatFillsTheMemoryIsRefused() throws {
    let monomials = #"{"layer":"PolynomialFeatures","degree":5,"interactions":false}"#
    let column = #"{"layer":"Reshape","shape":[-1,1]}"#
    let flat = #"{"layer":"Flatten"}"#
    let layers = (0..<30).flatMap { _ in [column, monomials, flat] } + [Self.dense(4, 3)]
    let found = try problem(#"{"layer":"Sequential","layers":[\#(layers.joined(separator: ","))]}"#)
    #expect(
      found == "m: the layers do not fit 4 features: layer 22, PolynomialFeatures: makes examples of more than 1048576 "
        + "numbers, [2, 312500, 5].")
  }

  /// Two rows fit a layer that takes the batch for features, others do not.
  @Test func theBatchIsNotTakenForFeatures() throws {
    let found = try problem(
      #"{"layer":"Sequential","layers":[\#(Self.dense(4, 1)),{"layer":"Reshape","shape":[]},\#(Self.dense(2, 2)),"#
        + #"{"layer":"Reshape","shape":[1]},\#(Self.dense(1, 3))]}"#)
    #expect(found == "m: the layers do not fit 4 features: layer 1, Reshape: no axis is left beside the batch.")
  }

  /// Hundreds of edits: an error in one sentence or a prediction, never a trap.
  @Test func editsNeverStopTheProgram() throws {
    let sizes = [
      "-1", "0", "1", "2", "3", "4", "8", "12", "64", "1e30", "1.5", "9223372036854775807", "1000000000000", "null",
      "\"a\"",
    ]
    let layers = [
      Self.dense(4, 8), Self.dense(8, 3), Self.dense(4, 4), Self.dense(3, 3), #"{"layer":"SiLU"}"#,
      #"{"layer":"Flatten"}"#, #"{"layer":"Reshape","shape":[]}"#,
      #"{"layer":"Softmax","axis":1}"#, #"{"layer":"LogSoftmax","axis":-1}"#, #"{"layer":"Reshape","shape":[2,2]}"#,
      #"{"layer":"Reshape","shape":[-1,2]}"#, #"{"layer":"LayerNorm","shape":[4],"epsilon":0}"#,
      #"{"layer":"BatchNorm","features":4,"momentum":0.1,"epsilon":0.001}"#, #"{"layer":"Dropout","rate":0.5}"#,
      #"{"layer":"PolynomialFeatures","degree":2,"interactions":true}"#, #"{"layer":"ELU","alpha":1e308}"#,
      #"{"layer":"PolynomialFeatures","degree":3,"interactions":false}"#, #"{"layer":"LeakyReLU","slope":-1e308}"#,
      #"{"layer":"BasisExpansion","functions":["exp","product","log"]}"#, #"{"layer":"GELU","form":"tanh"}"#,
      #"{"layer":"Residual","body":{"layer":"Sequential","layers":[{"layer":"Tanh"}]}}"#,
      #"{"layer":"Sequential","layers":[]}"#, #"{"layer":"Embedding","count":8,"width":8}"#,
      #"{"layer":"GroupNorm","channels":8,"groups":4,"epsilon":0.001}"#,
      #"{"layer":"RMSNorm","features":4,"epsilon":0.001}"#, #"{"layer":"LayerScale","channels":4,"initial":1}"#,
      #"{"layer":"StochasticDepth","rate":0.5}"#, #"{"layer":"Reshape","shape":[2,4]}"#,
      #"{"layer":"UpSampling","factors":[2],"interpolation":"linear"}"#,
      #"{"layer":"ZeroPadding","low":[1],"high":[0]}"#,
      #"{"layer":"AdaptiveMaxPooling","outputs":[3]}"#, #"{"layer":"AdaptiveAveragePooling","outputs":[3]}"#,
      #"{"layer":"GlobalMaxPooling"}"#, #"{"layer":"SpatialDropout","rate":0.25}"#,
      #"{"layer":"InstanceNorm","channels":4,"epsilon":0}"#,
      #"{"layer":"SqueezeExcitation","channels":4,"squeezed":2}"#, #"{"layer":"LastStep"}"#,
      #"{"layer":"GRU","inputs":4,"hidden":2,"layers":1,"bidirectional":true}"#,
      #"{"layer":"SinusoidalPositions","width":4}"#, #"{"layer":"LearnedPositions","context":2,"width":4}"#,
      #"{"layer":"FeedForward","width":4,"hidden":8,"activation":{"layer":"Flatten"},"bias":true}"#,
      #"{"layer":"MultiHeadAttention","width":4,"heads":2,"keyValueHeads":1,"isCausal":true,"dropout":0,"bias":true}"#,
      #"{"layer":"ResidualBlock","inputs":4,"outputs":8,"stride":2,"shortcut":"zeros"}"#,
    ]
    var random = TableTestGenerator(seed: 11)
    var refused = 0
    for _ in 0..<400 {
      var parts = [Self.dense(4, 8), #"{"layer":"SiLU"}"#, Self.dense(8, 3)]
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0...parts.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: parts.insert(layers.randomElement(using: &random)!, at: place)
        case 1 where place < parts.count: parts.remove(at: place)
        default:
          guard place < parts.count else { continue }
          let digits = parts[place].ranges(of: /-?[0-9][0-9.e]*/)
          guard let range = digits.randomElement(using: &random) else { continue }
          parts[place].replaceSubrange(range, with: sizes.randomElement(using: &random)!)
        }
      }
      var text = #"{"layer":"Sequential","layers":[\#(parts.joined(separator: ","))]}"#
      if Int.random(in: 0..<4, using: &random) == 0 {
        var bytes = Array(text.utf8)
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 32..<127, using: &random)
        text = String(decoding: bytes, as: UTF8.self)
      }
      if let problem = try problem(text) {
        refused += 1
        #expect(!problem.contains("\n"), "\(text)")
      }
    }
    #expect(refused > 100 && refused < 390)
  }
}
