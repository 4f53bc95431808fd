import DescentCore

/// Turns what a pickle made, where a part may stand in many places and even in itself, into a tree.
struct PickleTree {
  private static let mostLevels = 100
  private static let mostBytesInName = 4096
  /// What memory for all names together is bounded by.
  private static let mostNameBytes = 1 << 26

  private let machine: PickleMachine
  private let file: String
  /// A tree cannot have more items in its containers than its pickle has bytes, unless it repeats parts of itself.
  private let mostItems: Int
  private var itemCount = 0
  private var nameByteCount = 0
  private var paths: Set<String> = []
  /// The first name of each tensor in the tree, by its place in `PickleMachine.tensors`.
  private(set) var tensorNames: [Int: String] = [:]

  init(_ machine: PickleMachine, file: String, mostItems: Int) {
    self.machine = machine
    self.file = file
    self.mostItems = mostItems
  }

  /// Makes sure that the tree is a reasonable one, and collects its tensors.
  mutating func check(_ root: PickleObject) throws(ModelFileError) { try check(root, key: "", in: "", level: 0) }

  private mutating func check(
    _ object: PickleObject, key: String, in parent: String, level: Int
  ) throws(ModelFileError) {
    switch object {
    case .none, .truth, .integer, .number, .text: break
    case .tensor(let number):
      let path = dottedPath(parent, key)
      nameByteCount += path.utf8.count
      guard nameByteCount <= Self.mostNameBytes else { throw failure("the names of its tensors are too long") }
      guard paths.insert(path).inserted else { throw failure("the name \(quoted(path)) stands for two tensors") }
      if tensorNames[number] == nil { tensorNames[number] = path }
    case .container(let number):
      guard level < Self.mostLevels else {
        throw failure("its containers are more than \(Self.mostLevels) levels deep")
      }
      try check(machine.containers[number], path: dottedPath(parent, key), level: level)
    case .storage: throw failure("it holds the storage of tensors by itself; save the tensors")
    case .name: throw failure("it holds a class by itself; save tensors, numbers and texts")
    }
  }

  private mutating func check(_ container: PickleContainer, path: String, level: Int) throws(ModelFileError) {
    itemCount += container.items.count
    guard itemCount <= mostItems else { throw failure("it repeats its parts more often than a file of its size can") }
    guard path.utf8.count <= Self.mostBytesInName else {
      throw failure("expected names of at most \(Self.mostBytesInName) bytes, found \(quoted(path))")
    }
    switch container.kind {
    case .tuple, .list:
      for (index, item) in container.items.enumerated() {
        try check(item, key: "\(index)", in: path, level: level + 1)
      }
    case .dictionary:
      for (key, item) in try entries(container) { try check(item, key: key, in: path, level: level + 1) }
    }
  }

  /// What was checked, with tensors by their places.
  func value(_ object: PickleObject, _ tensors: [Int: Tensor]) throws(ModelFileError) -> PyTorchValue {
    switch object {
    case .truth(let value): return .truth(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .text(let value): return .text(value)
    case .tensor(let number):
      guard let tensor = tensors[number] else { preconditionFailure("a tensor that the check did not come to") }
      return .tensor(tensor)
    case .container(let number):
      let container = machine.containers[number]
      switch container.kind {
      case .tuple, .list:
        var values: [PyTorchValue] = []
        for item in container.items { values.append(try value(item, tensors)) }
        return .list(values)
      case .dictionary:
        var values: [(key: String, value: PyTorchValue)] = []
        for (key, item) in try entries(container) { values.append((key, try value(item, tensors))) }
        return .dictionary(values)
      }
    case .none, .storage, .name: return .none
    }
  }

  /// The entries of a dictionary; of several with one key the last is kept, where the first stands.
  private func entries(
    _ container: PickleContainer
  ) throws(ModelFileError) -> [(key: String, value: PickleObject)] {
    var entries: [(key: String, value: PickleObject)] = []
    var places: [String: Int] = [:]
    for index in stride(from: 0, to: container.items.count, by: 2) {
      let key = try key(container.items[index])
      let value = container.items[index + 1]
      if let place = places[key] {
        entries[place].value = value
      } else {
        places[key] = entries.count
        entries.append((key, value))
      }
    }
    return entries
  }

  private func key(_ object: PickleObject) throws(ModelFileError) -> String {
    switch object {
    case .integer(let value): return "\(value)"
    case .text(let text):
      guard CombiningMarks.areFew(in: text) else {
        throw failure("expected a name with at most \(CombiningMarks.most) marks on a character")
      }
      return text
    default: throw failure("expected dictionaries whose keys are texts or whole numbers, found another key")
    }
  }

  private func failure(_ problem: String) -> ModelFileError { ModelFileError(file, problem) }
}
