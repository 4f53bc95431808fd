/// The secure hash algorithm with 256 bits (FIPS 180-4).
package enum SHA256 {
  /// The digest as 64 hexadecimal digits.
  package static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = digest(bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var state = firstWords(of: 8) { $0.squareRoot() }
    bytes.withUnsafeBufferPointer { bytes in
      for start in stride(from: 0, to: bytes.count & ~63, by: 64) {
        update(&state, with: UnsafeBufferPointer(rebasing: bytes[start..<(start + 64)]))
      }
    }
    var rest = Array(bytes[(bytes.count & ~63)...]) + [0x80]
    while rest.count % 64 != 56 { rest.append(0) }
    let bitCount = UInt64(bytes.count) * 8
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      rest.append(UInt8(truncatingIfNeeded: bitCount >> shift))
    }
    rest.withUnsafeBufferPointer { rest in
      for start in stride(from: 0, to: rest.count, by: 64) {
        update(&state, with: UnsafeBufferPointer(rebasing: rest[start..<(start + 64)]))
      }
    }
    return state.flatMap { word in stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) } }
  }

  /// The first 32 bits of the fractions of the roots of the first 64 primes: the standard's constants.
  private static let constants = firstWords(of: 64, cubeRoot)

  private static func update(_ state: inout [UInt32], with block: UnsafeBufferPointer<UInt8>) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
      for index in 0..<16 {
        words[index] = (0..<4).reduce(0) { $0 << 8 | UInt32(block[4 * index + $1]) }
      }
      for index in 16..<64 {
        let (early, late) = (words[index - 15], words[index - 2])
        let first = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
        let second = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
        words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      constants.withUnsafeBufferPointer { constants in
        for index in 0..<64 {
          let mix = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
          let first = h &+ mix &+ (e & f ^ ~e & g) &+ constants[index] &+ words[index]
          let second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ (a & b ^ a & c ^ b & c)
          (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
      }
      for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }
  }

  private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

  private static func firstWords(of count: Int, _ root: (Double) -> Double) -> [UInt32] {
    let primes = (2...).lazy.filter { number in !(2..<number).contains { number % $0 == 0 } }.prefix(count)
    return primes.map { prime in
      let value = root(Double(prime))
      return UInt32((value - value.rounded(.down)) * 0x1p32)
    }
  }

  /// By Newton's method, exact to far more than the 35 bits that are used.
  private static func cubeRoot(_ value: Double) -> Double {
    var root = value
    for _ in 0..<60 { root -= (root * root * root - value) / (3 * root * root) }
    return root
  }
}
