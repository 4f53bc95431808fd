public import DescentCore

/// Tensors with the paths of the parameters or buffers they belong to, in the order of the model.
public struct ModuleValues: Sendable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
  public typealias Element = (path: String, value: Tensor)

  private let elements: [Element]
  private let positions: [String: Int]

  /// Later elements with the path of an earlier one are ignored.
  public init(_ elements: [Element]) {
    self.elements = elements
    positions = Dictionary(elements.enumerated().map { ($1.path, $0) }) { first, _ in first }
  }

  public init(dictionaryLiteral elements: (String, Tensor)...) { self.init(elements.map { (path: $0, value: $1) }) }

  public var startIndex: Int { elements.startIndex }
  public var endIndex: Int { elements.endIndex }
  public subscript(position: Int) -> Element { elements[position] }

  public subscript(path: String) -> Tensor? { positions[path].map { elements[$0].value } }

  public var paths: [String] { elements.map(\.path) }
  public var tensors: [Tensor] { elements.map(\.value) }
}

extension Module {
  /// The parameters, whether trained or frozen, by path.
  public var parameters: ModuleValues { values { $0.kind == .parameter } }

  /// The tensors that are saved with the model but not trained, by path.
  public var buffers: ModuleValues { values { $0.kind == .buffer } }

  /// Parameters and buffers in order of declaration: all there is to save. A tied tensor appears once, under its first
  /// path.
  public var state: ModuleValues { values { _ in true } }

  /// The number of trainable and frozen numbers in all parameters.
  public var parameterCount: Int { ParameterTree(self).parameters.reduce(0) { $0 + $1.storage.shape.elementCount } }

  private func values(where isIncluded: (ParameterTree.Entry) -> Bool) -> ModuleValues {
    ModuleValues(ParameterTree(self).entries.filter(isIncluded).map { ($0.path, $0.storage.value) })
  }
}
