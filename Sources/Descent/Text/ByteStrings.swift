/// Different strings of bytes, numbered from 0 in the order in which they were added.
struct ByteStrings: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  private var hashes: [Int] = []
  /// A table with open addressing, whose size is a power of two and of which at most half is taken: numbers, or -1.
  private var slots = [Int32](repeating: -1, count: 16)

  var count: Int { ends.count }

  subscript(number: Int) -> ArraySlice<UInt8> { bytes[(number == 0 ? 0 : ends[number - 1])..<ends[number]] }

  func number(of string: ArraySlice<UInt8>) -> Int? {
    let number = slots[slot(of: string, hash(string))]
    return number < 0 ? nil : Int(number)
  }

  /// The number of a string, which is added if it is new.
  mutating func add(_ string: ArraySlice<UInt8>) -> (number: Int, isNew: Bool) {
    let hash = hash(string)
    let slot = slot(of: string, hash)
    guard slots[slot] < 0 else { return (Int(slots[slot]), false) }
    slots[slot] = Int32(count)
    bytes += string
    ends.append(bytes.count)
    hashes.append(hash)
    if 2 * count > slots.count { grow() }
    return (count - 1, true)
  }

  /// Swift's hash is seeded, so that no text can be written to fill one place of the table.
  private func hash(_ string: ArraySlice<UInt8>) -> Int {
    var hasher = Hasher()
    string.withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }

  private func slot(of string: ArraySlice<UInt8>, _ hash: Int) -> Int {
    var slot = hash & (slots.count - 1)
    while slots[slot] >= 0, hashes[Int(slots[slot])] != hash || self[Int(slots[slot])] != string {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 2 * slots.count)
    for (number, hash) in hashes.enumerated() {
      var slot = hash & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number)
    }
  }
}
