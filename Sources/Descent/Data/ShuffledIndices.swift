import DescentCore

/// The numbers 0..<count in an order drawn from `seed` and `stream`, the same on every platform.
///
/// Fisher–Yates shuffle over Threefry, written out because the standard library does not promise its own order.
package func shuffledIndices(count: Int, seed: UInt64, stream: UInt32 = 0) -> [Int] {
  var source = RandomSource(seed, stream: stream)
  var indices = Array(0..<count)
  for last in stride(from: count - 1, to: 0, by: -1) {
    indices.swapAt(last, source.next(below: last + 1))
  }
  return indices
}

/// The stream of a seed from which splits are drawn; those from 0 on belong to the epochs of training.
let splitStream = UInt32.max

extension RandomSource {
  /// Uniform below `bound`: the high half of a product, redrawn where that would favour some results (Lemire 2019).
  fileprivate mutating func next(below bound: Int) -> Int {
    let bound = UInt64(bound)
    let threshold = (0 &- bound) % bound
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= threshold { return Int(product.high) }
    }
  }
}
