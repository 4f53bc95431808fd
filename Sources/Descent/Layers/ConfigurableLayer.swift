/// A layer that a model file can name, so that the file alone is enough to make the layer again.
///
/// The configuration is what the layer is made from, such as its sizes; its weights are not part of it. Layers without
/// this conformance can be trained and their weights saved, but to load them the program has to make the model itself.
public protocol ConfigurableLayer: Layer {
  associatedtype Configuration: Codable, Sendable

  /// The name in files, by default that of the type. Renaming a type must not change it.
  static var name: String { get }
  var configuration: Configuration { get }
  /// Makes the layer, checking the values first: they come from a file.
  init(configuration: Configuration) throws(ConfigurationError)
}

extension ConfigurableLayer {
  public static var name: String { "\(Self.self)" }
}

/// A configurable layer that has nothing to configure.
public protocol PlainLayer: ConfigurableLayer where Configuration == NoConfiguration {
  init()
}

public struct NoConfiguration: Codable, Sendable {
  public init() {}
}

extension PlainLayer {
  public var configuration: NoConfiguration { NoConfiguration() }
  public init(configuration: NoConfiguration) throws(ConfigurationError) { self.init() }
}

/// A value that no layer can be made from: what was expected, and what was found.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// Throws unless every size is at least 1 and all of them together make a number of elements.
func requireSizes(_ sizes: [Int], _ what: String) throws(ConfigurationError) {
  var count = 1
  for size in sizes {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    guard size > 0 && !overflow && product <= 1 << 40 else {
      throw ConfigurationError("expected \(what) of at least 1 and 2⁴⁰ elements at most, found \(sizes)")
    }
    count = product
  }
}

/// Stops the program with the layer's name if its configuration cannot be used.
func trapping<R>(_ layer: String, _ make: () throws(ConfigurationError) -> R) -> R {
  do {
    return try make()
  } catch {
    fatalError("\(layer): \(error.description)")
  }
}
