import DescentCore

/// What tells one dataset from another: how many rows there are, of what shapes and element types, and a checksum.
struct DataFingerprint: Codable, Hashable {
  let rows: Int
  private let inputs: String
  private let targets: String
  private let checksum: String

  /// - Throws: `TrainingError.evaluation` if the rows have to be read for it, and one cannot be.
  init(_ dataset: Dataset) throws(TrainingError) {
    rows = dataset.count
    inputs = dataset.inputType.dtype.name + text(dataset.inputRowShape)
    targets = dataset.targetType.dtype.name + text(dataset.targetRowShape)
    checksum = String(try Self.checksum(of: dataset), radix: 16)
  }

  /// The first difference to what is expected, as a clause of a message; nil if there is none.
  func difference(from expected: DataFingerprint, in what: String) -> String? {
    if rows != expected.rows { return "it was made with \(rows) rows of \(what), expected \(expected.rows)" }
    for (name, found, expected) in [("inputs", inputs, expected.inputs), ("targets", targets, expected.targets)]
    where found != expected {
      return "a row of its \(what) has \(name) \(found), expected \(expected)"
    }
    return self == expected ? nil : "its \(what) has other elements or another order"
  }

  private static func checksum(of dataset: Dataset) throws(TrainingError) -> UInt64 {
    var sum: UInt64 = 0
    if let text = dataset.sourceFingerprint {
      Array(text.utf8).withUnsafeBytes { add($0, to: &sum) }
      dataset.places(at: Array(0..<dataset.count)[...]).withUnsafeBytes { add($0, to: &sum) }
      return sum
    }
    try dataset.forEachBatch(of: 256) { batch throws(EvaluationError) in
      for tensor in [batch.inputs, batch.targets] { tensor.memory.withBytes { add($0, to: &sum) } }
    }
    return sum
  }

  /// Multiplication carries every bit upwards, the shift brings it down again.
  private static func add(_ bytes: UnsafeRawBufferPointer, to sum: inout UInt64) {
    func add(_ word: UInt64) {
      sum = (sum ^ word) &* 0x9E37_79B9_7F4A_7C15
      sum ^= sum >> 29
    }
    let words = bytes.count / 8
    for index in 0..<words { add(UInt64(littleEndian: bytes.load(fromByteOffset: 8 * index, as: UInt64.self))) }
    for byte in bytes[(8 * words)...] { add(UInt64(byte)) }
  }
}
