import DescentCore

/// The zip archive that `torch.save` writes: `NAME/data.pkl`, and `NAME/data/0`, … with the elements of tensors.
struct PyTorchArchive {
  /// More than the descriptions of a hundred thousand tensors.
  private static let mostPickleBytes = 1 << 26

  private let source: ModelFileSource
  private let members: [String: ZipMember]
  /// What the names of all members begin with.
  private let folder: String

  init(_ source: ModelFileSource) throws(ModelFileError) {
    if let problem = Self.olderFormat(try source.read(0..<min(source.byteCount, 16))) {
      throw ModelFileError(source.name, problem)
    }
    let all = try ZipMember.all(in: source)
    guard let name = all.first(where: { $0.name.hasSuffix("/data.pkl") })?.name else {
      throw ModelFileError(source.name, "expected a file of PyTorch, which has a data.pkl in it, found none")
    }
    self.source = source
    folder = String(name.dropLast("data.pkl".count))
    members = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    guard members[folder + "constants.pkl"] == nil else {
      throw ModelFileError(source.name, "it is a program of TorchScript, which is code; save the model's state_dict()")
    }
    if let order = members[folder + "byteorder"], try bytes(of: order) != Array("little".utf8) {
      throw ModelFileError(source.name, "expected numbers whose least significant byte comes first, found others")
    }
  }

  /// Files that are no archive: of PyTorch before 1.6, whose first pickle is a number, and pickles of others.
  private static func olderFormat(_ start: [UInt8]) -> String? {
    guard start.count > 1, start[0] == 0x80, 2...5 ~= start[1] else { return nil }
    let number: [UInt8] = [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    return start[2...].starts(with: number)
      ? "it is in the format of PyTorch before version 1.6; load it there and save it again with torch.save"
      : "expected an archive that torch.save wrote, found a bare pickle of Python"
  }

  func pickle() throws(ModelFileError) -> [UInt8] {
    guard let member = members[folder + "data.pkl"], member.byteCount <= Self.mostPickleBytes else {
      throw ModelFileError(
        source.name, "expected a data.pkl of at most \(Self.mostPickleBytes) bytes, found a longer one")
    }
    return try bytes(of: member)
  }

  private func bytes(of member: ZipMember) throws(ModelFileError) -> [UInt8] {
    let stream = ByteStream(source, member, tensor: member.name)
    try stream.expect(member.byteCount, "its bytes")
    let bytes = try stream.read(member.byteCount)
    try stream.finish()
    return bytes
  }

  // MARK: - Tensors

  /// The tensors of a pickle that have names, by their places; all are checked before memory is taken for one.
  func tensors(_ machine: PickleMachine, names: [Int: String]) throws(ModelFileError) -> [Int: Tensor] {
    let numbers = names.keys.sorted()
    var byteCount = 0
    for number in numbers {
      let view = machine.tensors[number]
      let (storage, _) = try member(machine.storages[view.storage], view, names[number] ?? "")
      if let problem = view.problem(storageCount: storage) {
        throw ModelFileError(source.name, tensor: names[number], problem)
      }
      let (sum, overflows) = byteCount.addingReportingOverflow(view.byteCount)
      guard !overflows, ByteStream.isPlausible(sum, from: source.byteCount) else {
        throw ModelFileError(
          source.name, tensor: names[number],
          "with it the tensors take more than \(ByteStream.plausibleExpansion) times the bytes of the file")
      }
      byteCount = sum
    }
    var tensors: [Int: Tensor] = [:]
    // One storage after the other, so that no more than one is in memory beside the tensors.
    let groups = Dictionary(grouping: numbers) { machine.tensors[$0].storage }
    for (storage, numbers) in groups.sorted(by: { $0.key < $1.key }) {
      try read(machine.storages[storage], numbers.map { ($0, machine.tensors[$0], names[$0] ?? "") }, into: &tensors)
    }
    return tensors
  }

  /// How many elements of the view's type a storage has, and where they are.
  private func member(
    _ storage: PickleMachine.Storage, _ view: PyTorchView, _ name: String
  ) throws(ModelFileError) -> (count: Int, member: ZipMember) {
    guard let member = members[folder + "data/" + storage.key] else {
      throw ModelFileError(
        source.name, tensor: name, "expected its elements in data/\(storage.key), which is not there")
    }
    let unit = storage.element?.byteSize ?? 1
    guard member.byteCount % unit == 0, member.byteCount / unit == storage.count else {
      throw ModelFileError(
        source.name, tensor: name,
        "expected \(counted(storage.count, "element")) of \(counted(unit, "byte")) in data/\(storage.key), found "
          + counted(member.byteCount, "byte"))
    }
    return (member.byteCount / view.element.byteSize, member)
  }

  private func read(
    _ storage: PickleMachine.Storage, _ views: [(number: Int, view: PyTorchView, name: String)],
    into tensors: inout [Int: Tensor]
  ) throws(ModelFileError) {
    var bytes: Memory?
    for (number, view, name) in views {
      let (count, member) = try member(storage, view, name)
      let memory: Memory
      if view.isWhole(storageCount: count) {
        memory = Memory(view.element.tensorType, count: count)
        try read(member, name, into: memory)
      } else {
        let all = bytes ?? Memory(.uint8, count: member.byteCount)
        if bytes == nil { try read(member, name, into: all) }
        bytes = all
        memory = view.elements(of: all)
      }
      if view.element == .bool, let problem = memory.truthProblem {
        throw ModelFileError(source.name, tensor: name, problem)
      }
      tensors[number] = Tensor(memory, shape: view.shape)
    }
  }

  private func read(_ member: ZipMember, _ name: String, into memory: Memory) throws(ModelFileError) {
    let stream = ByteStream(source, member, tensor: name)
    let count = try memory.withMutableBytes { target in
      Result { () throws(ModelFileError) in try stream.read(into: target) }
    }.get()
    guard count == memory.byteCount else {
      throw stream.failure("expected \(counted(memory.byteCount, "byte")) of elements, found \(count)")
    }
    try stream.finish()
  }
}
