import DescentCPU
import DescentCore
import Testing

/// Passes over rows: elements go through them in strips of registers, ends of rows and short rows otherwise.
@Suite struct RowTests {
  /// Lengths around those of strips and blocks at every level.
  static let lengths = [3, 31, 64, 65, 127, 128, 200, 256, 384, 511, 512, 1000, 1024, 1100, 1536, 3000]

  private func results(_ x: Tensor, _ scale: Tensor) -> [Tensor] {
    let length = Double(x.shape[1])
    let powers = (x - x.max(axis: 1, keepingAxis: true)).exp()
    let softmax = powers / powers.sum(axis: 1, keepingAxis: true)
    let centred = x - x.sum(axis: 1, keepingAxis: true) / length
    let variance = centred.squared().sum(axis: 1, keepingAxis: true) / length
    let normal = centred * (variance + 1e-5).rsqrt() * scale + 1
    let far = (x .> 0.5).select(softmax, x.tanh() - normal)
    return [softmax, normal, variance, far, (far.abs() + 2).sqrt() * x.min(axis: 1, keepingAxis: true), far .> normal]
  }

  @Test(arguments: InstructionSet.available)
  func aRowAloneGivesTheBitsOfABatch(_ instructions: InstructionSet) throws {
    let engine = Engine.cpu(instructions, threads: 2)
    for length in RowTests.lengths {
      let x = RandomKey(7).normal([21, length])
      let scale = RandomKey(8).normal([length])
      let all = try engine.compute(results(x, scale))
      let one = try engine.compute(results(x[11..<12], scale))
      for (index, (all, one)) in zip(all, one).enumerated() {
        let size = one.count * one.dtype.byteSize
        try #require(Array(all.bits[(11 * size)..<(12 * size)]) == one.bits, "\(length), result \(index)")
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func rowsAreThoseOfTheInterpreter(_ instructions: InstructionSet) throws {
    for length in RowTests.lengths {
      let x = RandomKey(9).normal([5, length])
      let scale = RandomKey(10).normal([length])
      let expected = try Engine.interpreter.compute(results(x, scale).dropLast())
      let actual = try Engine.cpu(instructions).compute(results(x, scale).dropLast())
      for (expected, actual) in zip(expected, actual) {
        for (expected, actual) in zip(expected.array(of: Double.self), actual.array(of: Double.self)) {
          try #require(abs(expected - actual) <= 1e-4 * (1 + abs(expected)), "\(length): \(actual) for \(expected)")
        }
      }
    }
  }

  /// Long lines are reduced in parts where their length has a fitting divisor; whole numbers add up exactly.
  @Test(arguments: [1 << 15, 49152, 50021, 100_000])
  func longLinesComeToTheirSums(_ length: Int) throws {
    let values = (0..<(2 * length)).map { Int64($0 * 7919 % 613) - 300 }
    for dtype in [DType.float32, .float64, .int64] {
      let x = Tensor(values).reshaped([2, length]).cast(to: dtype) + 0
      let results = [x.sum(axis: 1), x.max(axis: 1), x.min(), x.sum()]
      let expected = try Engine.interpreter.compute(results).map { $0.array(of: Double.self) }
      for threads in [1, 3] {
        let actual = try Engine.cpu(.best, threads: threads).compute(results).map { $0.array(of: Double.self) }
        #expect(actual == expected, "\(dtype), \(threads) threads")
      }
    }
  }

  /// Transposes and copies of more bytes than the caches hold write past them.
  @Test(arguments: InstructionSet.available)
  func largeResultsAreComplete(_ instructions: InstructionSet) throws {
    let x = Tensor.arange(1536 * 1424).reshaped([1536, 1424]).cast(to: .float32)
    let results = try Engine.cpu(instructions, threads: 2).compute([x.T + 0, x.T.reshaped([-1]), x * 2 + 1])
    let (turned, flat, doubled) = (results[0].array(of: Float.self), results[1].array(of: Float.self), results[2])
    let twice = doubled.array(of: Float.self)
    for (row, column) in [(0, 0), (1535, 1423), (700, 3), (17, 1400), (1023, 511)] {
      let number = Float(row * 1424 + column)
      #expect(turned[column * 1536 + row] == number && flat[column * 1536 + row] == number)
      #expect(twice[row * 1424 + column] == 2 * number + 1)
    }
    #expect(Set(flat).count == flat.count)
  }

  /// Long rows look for NaN apart from their extremes.
  @Test(arguments: InstructionSet.available)
  func aNaNAnywhereIsTheExtreme(_ instructions: InstructionSet) throws {
    let engine = Engine.cpu(instructions)
    for length in [100, 128, 700, 5000] {
      for place in [0, 1, length / 2, length - 1] {
        var values = (0..<length).map { Float($0 % 97) }
        values[place] = .nan
        let x = Tensor(values).reshaped([1, length])
        for memory in try engine.compute([x.max(axis: 1), x.min(axis: 1)]) { #expect(memory[0].real.isNaN) }
        values[place] = -1000
        let y = Tensor(values).reshaped([1, length])
        let extremes = try engine.compute([y.max(axis: 1), y.min(axis: 1)])
        #expect(extremes[0][0].real == Double(values.max()!) && extremes[1][0].real == -1000)
      }
    }
  }
}
