/// Reads a pickle, the program of a small stack machine that Python writes objects as, without the means to run code:
/// it can make containers, numbers, texts, and descriptions of tensors, and nothing else.
/// (Python, Lib/pickletools.py; PyTorch, torch/_weights_only_unpickler.py)
struct PickleMachine {
  /// A storage that the file names: where the elements of tensors lie.
  struct Storage {
    let key: String
    /// Nil for one that counts bytes.
    let element: PyTorchElement?
    let count: Int
  }

  /// What the memory for a pickle is bounded by; checkpoints of thousands of tensors come to a tenth of it.
  private static let mostValues = 1 << 22

  private(set) var containers: [PickleContainer] = []
  private(set) var storages: [Storage] = []
  private(set) var tensors: [PyTorchView] = []
  private var storageNumbers: [String: Int] = [:]
  private var stack: [PickleObject] = []
  /// How many values were on the stack at each mark.
  private var marks: [Int] = []
  private var memo: [Int: PickleObject] = [:]
  private var valueCount = 0
  private var source: PickleBytes
  /// Where the current instruction begins.
  private var start = 0

  init(_ bytes: [UInt8], file: String) { source = PickleBytes(bytes, file: file) }

  /// Runs to the end and gives what is left on the stack.
  mutating func run() throws(ModelFileError) -> PickleObject {
    while true {
      start = source.position
      let code = try source.byte()
      guard let instruction = PickleInstruction(rawValue: code) else { throw unknown(code) }
      if instruction == .stop { return try pop() }
      try perform(instruction)
    }
  }

  func failure(_ problem: String) -> ModelFileError { source.failure(problem, at: start) }

  private func unknown(_ code: UInt8) -> ModelFileError {
    if let what = PickleInstruction.refused[code] { return failure("it holds \(what); \(Self.whatIsRead)") }
    return failure("expected an instruction that torch.save writes, found \(hexadecimal(code))")
  }

  private static let whatIsRead = "only tensors, numbers, texts and containers are read, such as a model's state_dict()"

  // MARK: - Stack

  private mutating func push(_ object: PickleObject) throws(ModelFileError) {
    try count()
    stack.append(object)
  }

  /// Counts whatever takes memory: values, marks and what is kept for later.
  private mutating func count() throws(ModelFileError) {
    valueCount += 1
    guard valueCount <= Self.mostValues else { throw failure("it makes more than \(Self.mostValues) values") }
  }

  private mutating func push(_ kind: PickleContainer.Kind, _ items: [PickleObject]) throws(ModelFileError) {
    containers.append(PickleContainer(kind: kind, items: items))
    try push(.container(containers.count - 1))
  }

  /// The stack does not go below the last mark.
  private mutating func pop() throws(ModelFileError) -> PickleObject {
    guard stack.count > marks.last ?? 0, let object = stack.popLast() else {
      throw failure("it takes more values than it made")
    }
    return object
  }

  private mutating func pop(_ count: Int) throws(ModelFileError) -> [PickleObject] {
    guard stack.count - (marks.last ?? 0) >= count else { throw failure("it takes more values than it made") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(ModelFileError) -> [PickleObject] {
    guard let mark = marks.popLast() else { throw failure("it goes back to a mark that it did not set") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func remember(_ number: Int) throws(ModelFileError) {
    guard let top = stack.last else { throw failure("it takes more values than it made") }
    try count()
    memo[number] = top
  }

  private mutating func recall(_ number: Int) throws(ModelFileError) {
    guard let object = memo[number] else { throw failure("it recalls value \(number), which it did not keep") }
    try push(object)
  }

  // MARK: - Instructions

  private mutating func perform(_ instruction: PickleInstruction) throws(ModelFileError) {
    switch instruction {
    case .proto:
      let version = try source.byte()
      guard version <= 5 else { throw failure("expected at most version 5 of the pickle format, found \(version)") }
    case .frame: _ = try source.integer(UInt64.self)
    case .stop: break
    case .mark:
      try count()
      marks.append(stack.count)
    case .pop:
      if let mark = marks.last, mark == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .dup:
      let top = try pop()
      stack.append(top)
      try push(top)
    case .none: try push(.none)
    case .newTrue: try push(.truth(true))
    case .newFalse: try push(.truth(false))
    case .binInt: try push(.integer(Int(source.integer(Int32.self))))
    case .binInt1: try push(.integer(Int(source.byte())))
    case .binInt2: try push(.integer(Int(source.integer(UInt16.self))))
    case .long1: try push(.integer(source.longInteger(byteCount: UInt64(source.byte()))))
    case .long4: try push(.integer(source.longInteger(byteCount: UInt64(source.integer(UInt32.self)))))
    case .binFloat: try push(.number(source.double()))
    case .shortBinUnicode, .shortBinString: try push(.text(source.text(byteCount: UInt64(source.byte()))))
    case .binUnicode, .binString: try push(.text(source.text(byteCount: UInt64(source.integer(UInt32.self)))))
    case .binUnicode8: try push(.text(source.text(byteCount: source.integer(UInt64.self))))
    case .emptyTuple: try push(.tuple, [])
    case .tuple1: try push(.tuple, pop(1))
    case .tuple2: try push(.tuple, pop(2))
    case .tuple3: try push(.tuple, pop(3))
    case .tuple: try push(.tuple, popToMark())
    case .emptyList: try push(.list, [])
    case .list: try push(.list, popToMark())
    case .emptyDict: try push(.dictionary, [])
    case .dict: try push(.dictionary, pairs(popToMark()))
    case .append: try append(pop(1), to: .list)
    case .appends: try append(popToMark(), to: .list)
    case .setItem: try append(pop(2), to: .dictionary)
    case .setItems: try append(pairs(popToMark()), to: .dictionary)
    case .binPut: try remember(Int(source.byte()))
    case .longBinPut: try remember(Int(source.integer(UInt32.self)))
    case .memoize: try remember(memo.count)
    case .binGet: try recall(Int(source.byte()))
    case .longBinGet: try recall(Int(source.integer(UInt32.self)))
    case .global: try pushName(module: source.line(), name: source.line())
    case .stackGlobal:
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1] else {
        throw failure("expected the name of a class as two texts")
      }
      try pushName(module: module, name: name)
    case .binPersID: try push(.storage(storage(pop())))
    case .reduce, .newObj: try call()
    case .build: try build()
    }
  }

  private func pairs(_ items: [PickleObject]) throws(ModelFileError) -> [PickleObject] {
    guard items.count % 2 == 0 else { throw failure("expected keys with values, found a key without one") }
    return items
  }

  private mutating func append(_ items: [PickleObject], to kind: PickleContainer.Kind) throws(ModelFileError) {
    let top = try pop()
    guard case .container(let number) = top, containers[number].kind == kind else {
      throw failure("expected a \(kind) to add to")
    }
    containers[number].items += items
    stack.append(top)
  }

  /// The attributes of a dictionary, which PyTorch keeps its version in, are left out.
  private mutating func build() throws(ModelFileError) {
    _ = try pop()
    guard case .container(let number) = stack.last, containers[number].kind == .dictionary else {
      throw failure("it gives attributes to something other than a dictionary; \(Self.whatIsRead)")
    }
  }

  // MARK: - Names

  private mutating func pushName(module: String, name: String) throws(ModelFileError) {
    guard let known = PickleName(module: module, name: name) else {
      throw failure("the file asks for \(quoted(module + "." + name)), which is code; \(Self.whatIsRead)")
    }
    try push(.name(known))
  }

  private mutating func call() throws(ModelFileError) {
    let values = try pop(2)
    guard case .name(let name) = values[0], let arguments = tuple(values[1]) else {
      throw failure("it calls something that is no function; \(Self.whatIsRead)")
    }
    switch name {
    case .orderedDictionary where arguments.isEmpty: try push(.dictionary, [])
    case .size where arguments.count == 1 && tuple(arguments[0]) != nil: try push(arguments[0])
    case .tensor where 4...8 ~= arguments.count:
      tensors.append(try view(arguments))
      try push(.tensor(tensors.count - 1))
    case .parameter where 3...4 ~= arguments.count:
      guard case .tensor = arguments[0] else { throw failure("expected a parameter made of a tensor") }
      try push(arguments[0])
    default: throw failure("expected other arguments for what PyTorch makes its containers and tensors with")
    }
  }

  private func tuple(_ object: PickleObject) -> [PickleObject]? {
    guard case .container(let number) = object, containers[number].kind == .tuple else { return nil }
    return containers[number].items
  }

  // MARK: - Tensors

  /// `("storage", class, key, device, count)`
  private mutating func storage(_ object: PickleObject) throws(ModelFileError) -> Int {
    guard let items = tuple(object), items.count >= 5, case .text("storage") = items[0],
      case .name(let name) = items[1], case .text(let key) = items[2], case .integer(let count) = items[4], count >= 0
    else { throw failure("expected a storage with its class, its name and how many elements it has") }
    let element: PyTorchElement?
    switch name {
    case .storage(let known): element = known
    case .untypedStorage: element = nil
    default: throw failure("expected the class of a storage")
    }
    guard key.utf8.count <= 20, key.utf8.allSatisfy({ 0x30..<0x3A ~= $0 }) else {
      throw failure("expected a number as the name of a storage, found \(quoted(key))")
    }
    if let number = storageNumbers[key] {
      guard storages[number].element == element, storages[number].count == count else {
        throw failure("it describes storage \(key) in two ways")
      }
      return number
    }
    storageNumbers[key] = storages.count
    storages.append(Storage(key: key, element: element, count: count))
    return storages.count - 1
  }

  /// `(storage, offset, shape, strides, …)`, and the type as the seventh argument if the storage has none.
  private func view(_ arguments: [PickleObject]) throws(ModelFileError) -> PyTorchView {
    guard case .storage(let number) = arguments[0], case .integer(let offset) = arguments[1],
      let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else {
      throw failure("expected a tensor with its storage, its offset, and at most \(mostAxes) extents and strides")
    }
    var element = storages[number].element
    if element == nil, arguments.count > 6, case .name(.element(let stated)) = arguments[6] { element = stated }
    guard let element else { throw failure("expected a tensor with the type of its elements") }
    return PyTorchView(storage: number, element: element, offset: offset, shape: shape, strides: strides)
  }

  private func integers(_ object: PickleObject) -> [Int]? {
    guard let items = tuple(object), items.count <= mostAxes else { return nil }
    var integers: [Int] = []
    for case .integer(let value) in items { integers.append(value) }
    return integers.count == items.count ? integers : nil
  }
}
