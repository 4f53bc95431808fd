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
        try #require(Array(bytes(all)[(11 * size)..<(12 * size)]) == bytes(one), "\(length), result \(index)")
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
