/// The numbers 0..<count in an order drawn from `seed`, the same on every platform.
///
/// Fisher–Yates shuffle over SplitMix64.
package func shuffledIndices(count: Int, seed: UInt64) -> [Int] {
  var generator = SplitMix64(state: seed)
  var indices = Array(0..<count)
  for last in stride(from: count - 1, to: 0, by: -1) {
    indices.swapAt(last, generator.next(below: last + 1))
  }
  return indices
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
private struct SplitMix64 {
  var state: UInt64

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// Uniform below `bound`: the high half of a product, redrawn where that would favour some results (Lemire 2019).
  mutating func next(below bound: Int) -> Int {
    let bound = UInt64(bound)
    let threshold = (0 &- bound) % bound
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= threshold { return Int(product.high) }
    }
  }
}
