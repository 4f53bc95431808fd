import DescentKernels
import Testing

private func block(_ key: (UInt32, UInt32), _ counter: (UInt32, UInt32)) -> [UInt32] {
  var output: [UInt32] = [0, 0]
  dk_threefry2x32([key.0, key.1], [counter.0, counter.1], &output)
  return output
}

@Suite("Random numbers")
struct RandomTests {
  @Test("the known answers published with Random123")
  func knownAnswers() {
    #expect(block((0, 0), (0, 0)) == [0x6b20_0159, 0x99ba_4efe])
    #expect(block((.max, .max), (.max, .max)) == [0x1cb9_96fc, 0xbb00_2be7])
    #expect(block((0x1319_8a2e, 0x0370_7344), (0x243f_6a88, 0x85a3_08d3)) == [0xc492_3a9c, 0x483d_f7a0])
  }

  @Test("rows of every type follow from the blocks", arguments: [0, 1, 2, 7, 31, 32, 33, 64, 100, 1001])
  func rows(count: Int) {
    let keys: [Int32] = [1, -2, 305_419_896, 7, 0, 0]
    let stream: UInt32 = 9
    for level in levels {
      func row<Element>(_ type: dk_dtype, _: Element.Type) -> [Element] {
        let output = Memory(bytes: 3 * count * MemoryLayout<Element>.stride)
        keys.withUnsafeBufferPointer { keys in
          let arguments = dk_random_arguments(
            dtype: code(type), stream: stream, batch: 3, count: Int64(count), keys: keys.baseAddress,
            output: output.pointer)
          run(DK_RANDOM, level, arguments)
        }
        #expect(output.isIntact)
        return output.array(of: Element.self)
      }
      let bits = row(DK_INT32, UInt32.self), floats = row(DK_FLOAT32, Float.self),
        doubles = row(DK_FLOAT64, Double.self)
      for batch in 0..<3 {
        let key = (UInt32(bitPattern: keys[2 * batch]), UInt32(bitPattern: keys[2 * batch + 1]))
        for j in 0..<count {
          let word = block(key, (UInt32(j / 2), stream))[j % 2]
          #expect(bits[batch * count + j] == word)
          #expect(floats[batch * count + j] == Float(word >> 8) * 0x1p-24)
          let words = block(key, (UInt32(j), stream))
          #expect(doubles[batch * count + j] == Double((UInt64(words[0]) << 32 | UInt64(words[1])) >> 11) * 0x1p-53)
        }
      }
    }
  }
}
