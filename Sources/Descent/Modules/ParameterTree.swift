import DescentCore

/// The parameters and buffers of a module with their paths, in the order in which they are declared.
package struct ParameterTree: Sendable {
  package enum Kind: Sendable, Hashable { case parameter, buffer }

  package struct Entry: Sendable {
    /// Where the tensor is found; more than one path where it is tied.
    package fileprivate(set) var paths: [String]
    package let storage: TensorStorage
    package let kind: Kind

    /// The path under which the tensor is saved: the first.
    package var path: String { paths[0] }
    package var isTrainable: Bool { kind == .parameter && !storage.isFrozen }
  }

  package let entries: [Entry]

  package init(_ module: any Module) {
    var walk = ModuleWalk()
    walk.visit(module, path: [], owner: "\(type(of: module))", isInModule: true)
    entries = walk.entries
  }

  package var parameters: [Entry] { entries.filter { $0.kind == .parameter } }
  package var buffers: [Entry] { entries.filter { $0.kind == .buffer } }
  package var trainable: [Entry] { entries.filter(\.isTrainable) }
}

/// One pass over a module by reflection.
private struct ModuleWalk {
  var entries: [ParameterTree.Entry] = []
  private var positions: [ObjectIdentifier: Int] = [:]
  private var openObjects: Set<ObjectIdentifier> = []

  /// `owner` is the type that holds the value; `isInModule` is false below a value that is not a module, where a
  /// parameter would be overlooked by whoever reads the module's declaration.
  mutating func visit(_ value: Any, path: [String], owner: String, isInModule: Bool) {
    switch value {
    case let parameter as Parameter:
      add(parameter.storage, .parameter, path, owner: owner, isInModule: isInModule)
    case let parameter as OptionalParameter:
      if let storage = parameter.storage { add(storage, .parameter, path, owner: owner, isInModule: isInModule) }
    case let buffer as Buffer:
      add(buffer.storage, .buffer, path, owner: owner, isInModule: isInModule)
    case is Tensor:
      fatalError("\(owner): the stored tensor at \(quoted(path)) would not be saved; wrap it in @Parameter or @Buffer.")
    case is RandomKey: return
    case let module as any Module:
      if !isInModule { trapOverlooked("layer", path, owner) }
      descend(into: module, path: path, owner: "\(type(of: module))", isInModule: true)
    default:
      descend(into: value, path: path, owner: owner, isInModule: isInModule)
    }
  }

  private mutating func descend(into value: Any, path: [String], owner: String, isInModule: Bool) {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      for child in mirror.children { visit(child.value, path: path, owner: owner, isInModule: isInModule) }
    case .collection:
      for (index, child) in mirror.children.enumerated() {
        if isPlain(child.value) { return }
        visit(child.value, path: path + ["\(index)"], owner: owner, isInModule: isInModule)
      }
    case .dictionary:
      visitDictionary(mirror, path: path, owner: owner, isInModule: isInModule)
    case .set:
      for child in mirror.children {
        if isPlain(child.value) { return }
        visit(child.value, path: path, owner: "a set", isInModule: false)
      }
    case .class:
      visitObject(value, mirror, path: path, owner: owner)
    case .tuple:
      visitChildren(of: mirror, path: path, owner: "a tuple", isInModule: false)
    case .struct, .enum:
      let isModule = value is any Module
      let holder = isModule ? owner : "\(type(of: value))"
      visitChildren(of: mirror, path: path, owner: holder, isInModule: isModule)
    default: return
    }
  }

  /// Numbers, strings and the like, of which there may be many and which hold nothing.
  private func isPlain(_ value: Any) -> Bool {
    !(value is any Module) && Mirror(reflecting: value).displayStyle == nil
  }

  private mutating func visitChildren(of mirror: Mirror, path: [String], owner: String, isInModule: Bool) {
    if let inherited = mirror.superclassMirror {
      visitChildren(of: inherited, path: path, owner: owner, isInModule: isInModule)
    }
    for (index, child) in mirror.children.enumerated() {
      let name = child.label.map { propertyName($0, of: child.value) } ?? "\(index)"
      visit(child.value, path: path + [name], owner: owner, isInModule: isInModule)
    }
  }

  private mutating func visitDictionary(_ mirror: Mirror, path: [String], owner: String, isInModule: Bool) {
    var named: [(name: String, value: Any)] = []
    for child in mirror.children {
      let pair = Mirror(reflecting: child.value).children.map(\.value)
      if isPlain(pair[1]) { return }
      if let name = pair[0] as? String {
        named.append((name, pair[1]))
      } else {
        visit(pair[1], path: path + ["\(pair[0])"], owner: "a dictionary without text keys", isInModule: false)
      }
    }
    for (name, value) in named.sorted(by: { $0.name < $1.name }) {
      visit(value, path: path + [name], owner: owner, isInModule: isInModule)
    }
  }

  private mutating func visitObject(_ value: Any, _ mirror: Mirror, path: [String], owner: String) {
    let isModule = value is any Module
    let identity = ObjectIdentifier(value as AnyObject)
    guard openObjects.insert(identity).inserted else { return }
    let holder = isModule ? owner : "\(type(of: value))"
    visitChildren(of: mirror, path: path, owner: holder, isInModule: isModule)
    openObjects.remove(identity)
  }

  private mutating func add(
    _ storage: TensorStorage, _ kind: ParameterTree.Kind, _ path: [String], owner: String, isInModule: Bool
  ) {
    if !isInModule { trapOverlooked("\(kind)", path, owner) }
    let name = path.joined(separator: ".")
    if let position = positions[ObjectIdentifier(storage)] {
      entries[position].paths.append(name)
    } else {
      positions[ObjectIdentifier(storage)] = entries.count
      entries.append(ParameterTree.Entry(paths: [name], storage: storage, kind: kind))
    }
  }

  /// The property's name as it is written: the storage of a wrapped property has an underscore in front.
  private func propertyName(_ label: String, of value: Any) -> String {
    let isWrapped = value is Parameter || value is OptionalParameter || value is Buffer
    return label.hasPrefix(isWrapped ? "_" : ".") ? String(label.dropFirst()) : label
  }

  private func trapOverlooked(_ what: String, _ path: [String], _ owner: String) -> Never {
    let remedy =
      owner.hasPrefix("a ") ? "keep it in a struct that conforms to Module" : "make \(owner) conform to Module"
    fatalError("\(owner): the \(what) at \(quoted(path)) would be overlooked; \(remedy).")
  }

  private func quoted(_ path: [String]) -> String { "\"\(path.joined(separator: "."))\"" }
}
