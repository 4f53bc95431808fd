import DescentCPU
import DescentCore
import Testing

/// Integers beyond 2⁵³, which no float64 tells apart, are compared as integers.
@Suite struct WideIntegerTests {
  private let x = Tensor([1 << 60, (1 << 60) + 1, (1 << 60) - 1] as [Int64])

  @Test(arguments: [Engine.interpreter, .cpu].indices)
  func areComparedExactly(_ index: Int) throws {
    let engine = [Engine.interpreter, .cpu][index]
    let results = try engine.compute([x.argMax(), x.argMin(), x.argSort(), x.max(), x.sorted(descending: true)[2]])
    #expect(results[0].array(of: Int.self) == [1])
    #expect(results[1].array(of: Int.self) == [2])
    #expect(results[2].array(of: Int.self) == [2, 0, 1])
    #expect(results[3].array(of: Int64.self) == [(1 << 60) + 1])
    #expect(results[4].array(of: Int64.self) == [(1 << 60) - 1])
  }

  @Test func productsDoNotWrap() {
    #expect(Tensor([100_000, 100_000] as [Int32]).product().array(of: Int.self) == [10_000_000_000])
    #expect(Tensor([16, 16] as [UInt8]).cumulativeProduct(axis: 0).array(of: Int.self) == [16, 256])
  }

  @Test func typesOfMixedParts() {
    #expect(Tensor.concatenate([Tensor([1] as [Int32]), Tensor([2] as [Int64])]).dtype == .int64)
    #expect(Tensor([true, true]).product().dtype == .int64)
  }
}
