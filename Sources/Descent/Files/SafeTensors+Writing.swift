import DescentCPU
import DescentCore

extension SafeTensors {
  /// Writes a file; it appears complete or not at all, and the same tensors and metadata give the same bytes.
  ///
  /// Tensors are ordered by the rank of their type, so that all are aligned, and then by name.
  ///
  /// - Throws: `ModelFileError` with the reason.
  public func write(to path: String) throws(ModelFileError) {
    let layout = try SafeTensorsLayout(self, name: path)
    try AtomicFile.writeTensors(to: path) { output throws(SystemError) in
      try output.write(layout.header)
      for memory in layout.memories { try output.write(memory) }
    }
  }

  /// The bytes of the file; `name` is what errors call it.
  public func bytes(name: String) throws(ModelFileError) -> [UInt8] {
    let layout = try SafeTensorsLayout(self, name: name)
    return layout.memories.reduce(into: layout.header) { bytes, memory in memory.withBytes { bytes += $0 } }
  }
}

/// What is written, in order.
private struct SafeTensorsLayout {
  private(set) var header: [UInt8] = []
  let memories: [Memory]

  init(_ file: SafeTensors, name: String) throws(ModelFileError) {
    let elements = file.tensors.sorted { left, right in
      let ranks = (SafeTensorsType(left.value.dtype).rank, SafeTensorsType(right.value.dtype).rank)
      return ranks.0 != ranks.1 ? ranks.0 > ranks.1 : left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
    }
    try Self.checkNames(elements.map(\.path), name)
    evaluate(elements.map(\.value))
    memories = elements.map(\.value.memory)
    appendText(elements, file.metadata)
    guard header.count - 8 <= SafeTensorsHeader.mostBytes else {
      throw ModelFileError(
        name,
        "names and metadata take a header of \(header.count - 8) bytes, expected at most "
          + "\(SafeTensorsHeader.mostBytes)")
    }
    let length = UInt64(header.count - 8)
    for index in 0..<8 { header[index] = UInt8(truncatingIfNeeded: length >> (8 * UInt64(index))) }
  }

  private static func checkNames(_ names: [String], _ file: String) throws(ModelFileError) {
    var known: Set<String> = []
    for name in names {
      guard name != SafeTensorsHeader.metadataName else {
        throw ModelFileError(file, tensor: name, "the format keeps this name for the metadata")
      }
      guard known.insert(name).inserted else { throw ModelFileError(file, tensor: name, "the name appears twice") }
    }
  }

  private mutating func appendText(_ elements: [ModuleValues.Element], _ metadata: [String: String]) {
    header = [UInt8](repeating: 0, count: 8) + [UInt8(ascii: "{")]
    if !metadata.isEmpty {
      header += "\"\(SafeTensorsHeader.metadataName)\":{".utf8
      for (key, value) in metadata.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
        header.appendJSON(key)
        header.append(UInt8(ascii: ":"))
        header.appendJSON(value)
        header.append(UInt8(ascii: ","))
      }
      header[header.count - 1] = UInt8(ascii: "}")
      header.append(UInt8(ascii: ","))
    }
    var offset = 0
    for (element, memory) in zip(elements, memories) {
      let shape = element.value.shape.map { "\($0)" }.joined(separator: ",")
      header.appendJSON(element.path)
      header += ":{\"dtype\":\"\(SafeTensorsType(memory.dtype).rawValue)\",\"shape\":[\(shape)],".utf8
      header += "\"data_offsets\":[\(offset),\(offset + memory.byteCount)]},".utf8
      offset += memory.byteCount
    }
    if header.last == UInt8(ascii: ",") { header.removeLast() }
    header.append(UInt8(ascii: "}"))
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
  }
}
