import DescentCPU
import DescentCore
import Testing

@Suite struct CreationTests {
  @Test func counting() {
    #expect(Tensor.arange(4).array(of: Int.self) == [0, 1, 2, 3])
    #expect(Tensor.arange(4).dtype == .int32)
    #expect(Tensor.arange(0).shape == [0])
    #expect(Tensor.arange(2, 7, step: 2).array(of: Int.self) == [2, 4, 6])
    #expect(Tensor.arange(2, 6, step: 2).array(of: Int.self) == [2, 4])
    #expect(Tensor.arange(5, 0, step: -2).array(of: Int.self) == [5, 3, 1])
    #expect(Tensor.arange(3, 3).shape == [0])
    #expect(Tensor.arange(5, 2).shape == [0])
    #expect(Tensor.arange(-1, 2, dtype: .float64).array(of: Double.self) == [-1, 0, 1])
  }

  @Test func equalDistances() {
    #expect(Tensor.linspace(1, 2, count: 1).array(of: Float.self) == [1])
    #expect(Tensor.linspace(1, 2, count: 0).shape == [0])
    expectClose(.linspace(-1, 1, count: 5, dtype: .float64), [-1, -0.5, 0, 0.5, 1])
  }

  @Test func identityMatrices() {
    #expect(Tensor.eye(2).array(of: Float.self) == [1, 0, 0, 1])
    #expect(Tensor.eye(2, 3, diagonal: 1).array(of: Float.self) == [0, 1, 0, 0, 0, 1])
    #expect(Tensor.eye(2, 3, diagonal: -1).array(of: Float.self) == [0, 0, 0, 1, 0, 0])
  }

  @Test func literalsNest() {
    let x: Tensor = [[1, 2, 3], [4, 5, 6]]
    #expect(x.shape == [2, 3] && x.dtype == .float32)
    #expect(x.array(of: Int.self) == [1, 2, 3, 4, 5, 6])
    let tensors: Tensor = [x.sum(), x.max()]
    #expect(tensors.array(of: Float.self) == [21, 6])
  }

  @Test func oneHotOfBytesReachesBeyondAByte() {
    let codes = Tensor([0, 255] as [UInt8]).oneHot(depth: 300)
    #expect(codes.shape == [2, 300])
    #expect(codes.array(of: Int.self).indices(where: { $0 != 0 }).ranges.map(\.lowerBound) == [0, 300 + 255])
  }

  /// The type two operands meet in.
  @Test func promotion() {
    let order: [DType] = [.bool, .uint8, .int32, .int64, .float32, .float64]
    for (i, a) in order.enumerated() {
      for (j, b) in order.enumerated() {
        let result = Tensor.ones([2], dtype: a) + Tensor.ones([2], dtype: b)
        #expect(result.dtype == (i + j == 0 ? .int32 : order[max(i, j)]), "\(a) + \(b)")
        #expect((Tensor.ones([2], dtype: a) .< Tensor.ones([2], dtype: b)).dtype == .bool)
      }
    }
  }

  /// A number in the source takes the type of the tensor it meets.
  @Test func numbersInTheSource() {
    #expect((doubles([1]) * 0.1).array(of: Double.self) == [0.1])
    #expect((Tensor([1.0]) * 0.1).dtype == .float32)
    #expect((Tensor([1]) + 2).dtype == .int64)
    #expect((Tensor([1] as [UInt8]) + 2).dtype == .uint8)
    #expect((2 - Tensor([1] as [Int32])).dtype == .int32)
    #expect(Tensor([true]).select(Tensor([5]), 0).dtype == .int64)
    #expect((doubles([1]) + 2).dtype == .float64)
    #expect((2 as Tensor).exp().dtype == .float32)
    #expect((Tensor([1]) * 0.5).dtype == .float32)
    #expect((Tensor([true]) + 1).dtype == .int32)
    #expect((Tensor([1, 2]) / Tensor([2, 4])).dtype == .float32)
  }
}
