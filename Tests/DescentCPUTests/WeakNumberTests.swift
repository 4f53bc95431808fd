import DescentCPU
import DescentCore
import Testing

/// Numbers written in the source take the element type of what they meet, and lose nothing on the way.
@Suite struct WeakNumberTests {
  private let x = Tensor([3.0], dtype: .float64)

  @Test func keepFullPrecisionUntilTheyMeetATensor() {
    let momentum: Tensor = 0.1
    #expect(((1 - momentum) * x).array(of: Double.self) == [(1 - 0.1) * 3])
    #expect((-momentum * x).array(of: Double.self) == [-0.1 * 3])
    #expect((x * 0.1).array(of: Double.self) == [3 * 0.1])
  }

  @Test func doNotChangeTheTypeOfWhatTheyMeet() {
    #expect((x + 1).dtype == .float64)
    #expect((Tensor([1.0]) * 2.5).dtype == .float32)
    #expect((Tensor([1] as [Int32]) + 1).dtype == .int32)
    #expect((Tensor([1] as [UInt8]) * 2).dtype == .uint8)
  }

  @Test func thatDoNotFitAreRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([200] as [UInt8]) .> 300
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("The number 300 does not fit uint8; cast the tensor it meets to a wider type."))
  }

  @Test func aRealNumberMakesIntegersReal() {
    #expect((Tensor([1] as [Int32]) * 0.5).dtype == .float32)
    #expect((Tensor([3] as [Int32]) / 2).array(of: Float.self) == [1.5])
  }
}
