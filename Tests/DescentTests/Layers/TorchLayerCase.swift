import Descent
import Foundation
import Testing

/// A layer with what PyTorch computed for it in float64; see Benchmarks/peers/fixtures/torch_layers.
struct TorchLayerCase: Decodable, CustomTestStringConvertible {
  struct Numbers: Decodable {
    let shape: [Int]
    let values: [Double]
    var tensor: Tensor { Tensor(values, shape: shape, dtype: .float64) }
  }

  struct Arguments: Decodable {
    let strides, padding, outputPadding, dilation: [Int]?
    let groups: Int?
    let mask: String?
    let scale: Double?
    let width, layers, heads, hidden: Int?
    let normalization: NormalizationPlace?
    /// As model files describe it.
    let activation: String?
  }

  let name: String
  /// The layer as model files describe it; nil where the case is about a function.
  let layer: String?
  let call: String?
  let arguments: Arguments?
  let training: Bool
  let indices: [Int]
  let outputs, upstreams: [Numbers]
  let parameters, buffers, gradients: [String: Numbers]
  let after: [String: Numbers]?
  let inputGradients: [Numbers?]
  private let inputs: [Numbers]

  var testDescription: String { name }
  var phase: Phase { training ? .training : .inference }

  var inputTensors: [Tensor] {
    inputs.enumerated().map { indices.contains($0) ? $1.tensor.cast(to: .int32) : $1.tensor }
  }

  private struct Description: Decodable { let layer: String }

  var layerName: String? {
    get throws { try layer.map { try JSONDecoder().decode(Description.self, from: Data($0.utf8)).layer } }
  }

  private struct File: Decodable { let cases: [TorchLayerCase] }

  static let all: [TorchLayerCase] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/torchLayers.json")
    do {
      return try JSONDecoder().decode(File.self, from: Data(contentsOf: file.standardized)).cases
    } catch {
      fatalError("\(file.standardized.path): \(error)")
    }
  }()

  /// Any case fails without numbers to compare, so that no row passes by being empty.
  var isComplete: Bool {
    !outputs.isEmpty && outputs.count == upstreams.count && inputGradients.count == inputs.count
      && Set(gradients.keys) == Set(parameters.keys)
  }
}
