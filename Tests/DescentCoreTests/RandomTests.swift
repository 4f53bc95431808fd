import DescentCPU
import DescentCore
import Testing

@Suite struct RandomTests {
  /// The known answers of the Random123 distribution for threefry2x32 with 20 rounds.
  @Test func threefryKnownAnswers() {
    let rows: [(key: (UInt32, UInt32), counter: (UInt32, UInt32), words: (UInt32, UInt32))] = [
      ((0, 0), (0, 0), (0x6b20_0159, 0x99ba_4efe)),
      ((.max, .max), (.max, .max), (0x1cb9_96fc, 0xbb00_2be7)),
      ((0x1319_8a2e, 0x0370_7344), (0x243f_6a88, 0x85a3_08d3), (0xc492_3a9c, 0x483d_f7a0)),
    ]
    for row in rows {
      let words = threefry(row.key, row.counter)
      #expect(words.0 == row.words.0 && words.1 == row.words.1)
    }
  }

  @Test func firstWordsOfKeyZero() throws {
    for engine in engines {
      let words = try engine.compute([RandomKey(0).bits([2])])[0].array(of: Int32.self)
      #expect(words.map { UInt32(bitPattern: $0) } == [0x6b20_0159, 0x99ba_4efe], "\(engine.name)")
    }
  }

  @Test func enginesGiveTheSameBits() throws {
    for seed in [0, 1, 0xdead_beef_0123_4567] as [UInt64] {
      let key = RandomKey(seed)
      let (first, second) = key.split()
      let draws = [
        key.bits([17]), key.bits([3, 5]), key.uniform([33]), key.uniform([9], dtype: .float64), first.bits([4]),
        second.bits([4]), key.folding(in: 9).bits([5]), key.permutation(20), key.bernoulli([40], probability: 0.3),
      ]
      let expected = try results(draws, on: .interpreter)
      let words = try results(draws, on: .cpu)
      #expect(words == expected)
    }
  }

  @Test func sameKeySameNumbersOtherKeyOthers() {
    #expect(RandomKey(5).uniform([8]).array(of: Float.self) == RandomKey(5).uniform([8]).array(of: Float.self))
    #expect(RandomKey(5).uniform([8]).array(of: Float.self) != RandomKey(6).uniform([8]).array(of: Float.self))
    #expect(RandomKey(1 << 32).bits([4]).array(of: Int32.self) != RandomKey(1).bits([4]).array(of: Int32.self))
  }

  @Test func keysDerivedFromAKeyAreDistinct() {
    let key = RandomKey(11)
    var streams = [key.bits([4])] + key.split(20).map { $0.bits([4]) } + (0..<20).map { key.folding(in: $0).bits([4]) }
    streams += key.split(3)[1].split(3).map { $0.bits([4]) }
    let words = streams.map { $0.array(of: Int32.self) }
    #expect(Set(words).count == words.count)
    // Streams of split keys are uncorrelated: |r| < 5/√n.
    let parts = key.split(2).map { $0.uniform([20_000], dtype: .float64).array(of: Double.self).map { $0 - 0.5 } }
    let r: Double = 12 * zip(parts[0], parts[1]).map { $0 * $1 }.reduce(0, +) / 20_000
    #expect(r.magnitude < 5 / 20_000.0.squareRoot())
  }

  private static let count = 100_000

  /// Mean, variance, skewness and excess kurtosis within five standard errors.
  private func expectMoments(
    _ sample: Tensor, mean: Double, variance: Double, kurtosis: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let values = sample.array(of: Double.self)
    let n = Double(values.count)
    let deviations = values.map { ($0 - mean) / variance.squareRoot() }
    let moments = (1...4).map { power in
      deviations.map { deviation in (0..<power).reduce(1.0) { product, _ in product * deviation } }.reduce(0, +) / n
    }
    let error = 5 / n.squareRoot()
    #expect(moments[0].magnitude < error, "mean", sourceLocation: sourceLocation)
    #expect(
      (moments[1] - 1).magnitude < error * (kurtosis - 1).squareRoot(), "variance", sourceLocation: sourceLocation)
    #expect(moments[2].magnitude < error * 15.0.squareRoot(), "skewness", sourceLocation: sourceLocation)
    #expect((moments[3] - kurtosis).magnitude < error * 96.0.squareRoot(), "kurtosis", sourceLocation: sourceLocation)
  }

  @Test func uniformNumbersStayBelowTheirBound() {
    let numbers = RandomKey(1).uniform([1_000_000], from: 1000, to: 1001).array(of: Float.self)
    #expect(numbers.allSatisfy { $0 >= 1000 && $0 < 1001 })
  }

  @Test(arguments: [DType.float32, .float64]) func uniformMoments(dtype: DType) {
    let sample = RandomKey(1).uniform([Self.count], dtype: dtype)
    #expect(sample.dtype == dtype)
    expectMoments(sample, mean: 0.5, variance: 1.0 / 12, kurtosis: 1.8)
    let values = sample.array(of: Double.self)
    #expect(values.min()! >= 0 && values.max()! < 1)
    let wide = RandomKey(2).uniform([Self.count], from: -3, to: 5, dtype: dtype)
    expectMoments(wide, mean: 1, variance: 64.0 / 12, kurtosis: 1.8)
  }

  @Test(arguments: [DType.float32, .float64]) func normalMoments(dtype: DType) {
    let sample = RandomKey(3).normal([Self.count], dtype: dtype)
    #expect(sample.dtype == dtype)
    expectMoments(sample, mean: 0, variance: 1, kurtosis: 3)
    #expect(sample.array(of: Double.self).allSatisfy { $0.isFinite })
    expectMoments(
      RandomKey(4).normal([Self.count], mean: -2, standardDeviation: 3, dtype: dtype), mean: -2, variance: 9,
      kurtosis: 3)
  }

  @Test(arguments: [DType.float32, .float64]) func truncatedNormalMoments(dtype: DType) {
    // Cut at 2, with r = 2φ(2)/(2Φ(2) − 1): variance 1 − 2r, and by parts fourth moment 3(1 − 2r) − 8r.
    let ratio = 2 * 0.053990966513188063 / 0.95449973610364158
    let variance = 1 - 2 * ratio
    let fourth = 3 * variance - 8 * ratio
    let sample = RandomKey(5).truncatedNormal([Self.count], dtype: dtype)
    expectMoments(sample, mean: 0, variance: variance, kurtosis: fourth / (variance * variance))
    #expect(sample.array(of: Double.self).allSatisfy { $0.magnitude <= 2 })
    let shifted = RandomKey(6).truncatedNormal([1000], mean: 10, standardDeviation: 0.5, limit: 1, dtype: dtype)
    #expect(shifted.array(of: Double.self).allSatisfy { (9.5...10.5).contains($0) })
  }

  @Test func bernoulliFrequency() {
    for probability in [0.0, 0.1, 0.5, 0.9, 1] {
      let sample = RandomKey(7).bernoulli([Self.count], probability: probability)
      #expect(sample.dtype == .bool)
      let share = sample.mean().scalar(of: Double.self)
      let error = 5 * (probability * (1 - probability) / Double(Self.count)).squareRoot()
      #expect((share - probability).magnitude <= error + 1e-7)
    }
  }

  @Test func categoricalFrequency() {
    let probabilities = [0.1, 0.2, 0.3, 0.4]
    let logits = doubles(probabilities).log() + 3
    let sample = RandomKey(8).categorical(logits: logits.broadcast(to: [Self.count, 4])).array(of: Int.self)
    for (index, probability) in probabilities.enumerated() {
      let share = Double(sample.count { $0 == index }) / Double(Self.count)
      let error = 5 * (probability * (1 - probability) / Double(Self.count)).squareRoot()
      #expect((share - probability).magnitude < error)
    }
    let certain = RandomKey(9).categorical(logits: doubles([-.infinity, 0, -.infinity])).scalar(of: Int.self)
    #expect(certain == 1)
  }

  @Test func permutationIsAPermutation() {
    for count in [0, 1, 2, 1000] {
      #expect(RandomKey(10).permutation(count).array(of: Int.self).sorted() == Array(0..<count))
    }
    #expect(RandomKey(10).permutation(1000).array(of: Int.self) != Array(0..<1000))
    // Every place is as likely for the first number: five standard errors over 3000 draws of 6.
    var counts = [Int](repeating: 0, count: 6)
    let firsts = vmap { (key: Tensor) in RandomKey(data: key).permutation(6) }(
      RandomKey(12).bits([3000, 2])
    ).array(of: Int.self)
    for draw in 0..<3000 { counts[firsts[6 * draw]] += 1 }
    for count in counts { #expect((Double(count) - 500).magnitude < 5 * (3000.0 * 5 / 36).squareRoot()) }
  }

  @Test func hostSourceRepeats() {
    var first = RandomSource(3)
    var again = RandomSource(3)
    var other = RandomSource(3, stream: 1)
    let words = (0..<10).map { _ in first.next() }
    #expect(words == (0..<10).map { _ in again.next() })
    #expect(Set(words + (0..<10).map { _ in other.next() }).count == 20)
  }
}
