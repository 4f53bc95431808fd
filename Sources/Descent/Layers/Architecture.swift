import DescentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The layers that model files can name.
package let namedLayers: [any ConfigurableLayer.Type] =
  activationLayers + [
    Sequential.self, Residual.self, Recomputed.self, Dense.self, Dropout.self, BatchNorm.self, LayerNorm.self,
    Flatten.self, Reshape.self, PolynomialFeatures.self, BasisExpansion.self, Convolution.self,
    TransposedConvolution.self, MaxPooling.self, AveragePooling.self, GlobalAveragePooling.self, GlobalMaxPooling.self,
    AdaptiveAveragePooling.self, AdaptiveMaxPooling.self, UpSampling.self, ZeroPadding.self, SpatialDropout.self,
    StochasticDepth.self, GroupNorm.self, InstanceNorm.self, RMSNorm.self, LayerScale.self, SqueezeExcitation.self,
    ResidualBlock.self, Embedding.self, RNN.self, LSTM.self, GRU.self, LastStep.self,
  ] + transformerLayers

/// Why a model cannot be described by a file or made from a description: where, and what was expected.
public struct ArchitectureError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The place in the description, such as `layers.2.inputs`; empty at its root.
  public let path: String
  public let problem: String
  /// Whether all that is wrong is a layer no file can name, so that weights can still be saved.
  var isUnnamedLayer = false

  public var description: String {
    "The architecture\(path.isEmpty ? "" : " at \(path)"): \(problem)\(problem.hasSuffix("?") ? "" : ".")"
  }
}

extension Layer {
  /// The description of the layer as JSON: names and sizes, no weights.
  ///
  /// `{"layer":"Sequential","layers":[{"bias":true,"inputs":2,"layer":"Dense","outputs":1}]}`
  public func architecture() throws(ArchitectureError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(DescribedLayer(self)), as: UTF8.self)
    } catch let error as ArchitectureError {
      throw error
    } catch {
      throw ArchitectureError(path: "", problem: "a number in \(type(of: self)) is not finite")
    }
  }
}

extension Sequential {
  /// Makes the model that `architecture()` described, with new initial values. It is data: reading it runs nothing.
  ///
  /// - Parameter additional: Layers of your own that the description may name, besides those of the library.
  public init(
    architecture: String, additional: [any ConfigurableLayer.Type] = []
  ) throws(ArchitectureError) {
    let layer = try makeLayer(architecture: architecture, additional: additional)
    guard let model = layer as? Sequential else {
      throw ArchitectureError(path: "layer", problem: "expected \"Sequential\", found \"\(type(of: layer))\"")
    }
    self = model
  }
}

/// Makes the layer that `architecture()` described, with new initial values. It is data: reading it runs nothing.
public func makeLayer(
  architecture: String, additional: [any ConfigurableLayer.Type] = []
) throws(ArchitectureError) -> any Layer {
  let keys = try JSONKeys(architecture)
  let decoder = JSONDecoder()
  let known = (namedLayers + additional).map { ($0.name, $0) }
  decoder.userInfo[DescribedLayer.knownLayers] = Dictionary(known) { _, last in last }
  do {
    // The initial values are about to be replaced: they take no keys from models the program makes itself.
    let layer = try withSeed(0) { try decoder.decode(DescribedLayer.self, from: Data(architecture.utf8)).layer }
    // A later version may have given a key a meaning that this one would miss.
    if let path = keys.firstKey(notIn: try JSONKeys(layer.architecture())) {
      throw ArchitectureError(path: path.joined(separator: "."), problem: "nothing reads this value")
    }
    return layer
  } catch let error as ArchitectureError {
    throw error
  } catch let error as DecodingError {
    throw ArchitectureError(error)
  } catch {
    throw ArchitectureError(path: "", problem: "\(error)")
  }
}

/// A layer as it stands in a description: its name beside the values of its configuration.
struct DescribedLayer: Codable, Sendable {
  static let knownLayers = CodingUserInfoKey(rawValue: "knownLayers")!

  let layer: any Layer

  private enum Key: String, CodingKey { case layer }

  init(_ layer: any Layer) { self.layer = layer }

  init(from decoder: any Decoder) throws {
    let name = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .layer)
    let known = decoder.userInfo[Self.knownLayers] as? [String: any ConfigurableLayer.Type] ?? [:]
    guard let type = known[name] else {
      let path = ArchitectureError.path(decoder.codingPath + [Key.layer])
      let nearest = nearestName(to: name, among: known.keys.sorted()).map { "; did you mean \"\($0)\"?" } ?? ""
      throw ArchitectureError(path: path, problem: "there is no layer \"\(name)\"\(nearest)")
    }
    layer = try type.make(from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    guard let layer = layer as? any ConfigurableLayer else {
      throw ArchitectureError(
        path: ArchitectureError.path(encoder.codingPath),
        problem: "\(type(of: layer)) is not a ConfigurableLayer, so that a file can hold its weights only",
        isUnnamedLayer: true)
    }
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(type(of: layer).name, forKey: .layer)
    try layer.configuration.encode(to: encoder)
  }
}

extension ConfigurableLayer {
  fileprivate static func make(from decoder: any Decoder) throws -> any Layer {
    let configuration = try Configuration(from: decoder)
    do {
      return try Self(configuration: configuration)
    } catch {
      let path = ArchitectureError.path(decoder.codingPath)
      throw ArchitectureError(path: path, problem: "\(name): \(error.description)")
    }
  }
}
