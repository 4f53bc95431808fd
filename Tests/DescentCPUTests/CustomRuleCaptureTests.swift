import DescentCPU
import DescentCore
import Testing

/// A rule speaks of its inputs; what its function captures must not lose a gradient without a word.
@Suite struct CustomRuleCaptureTests {
  @Test func aCapturedVariableIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradients(at: [Tensor([1.0, 2.0]), Tensor(3.0)]) { v in
        withDerivative(at: [v[0]]) {
          ($0[0] * v[1]).sum()
        } pullback: { x, _, c in
          [c * Tensor.ones(like: x[0])]
        }
      }
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("withDerivative: the function uses a variable of shape [] that is not among its inputs"))
  }

  @Test func anExampleOfACapturedBatchIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor([1.0, 2.0])) { points in
        vmap { (x: Tensor, weight: Tensor) in
          withDerivative(at: [weight]) {
            $0[0] * x
          } pullback: { x, _, c in
            [c * x[0]]
          }
        }(points, Tensor([3.0, 4.0])).sum()
      }
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("withDerivative: the function uses a variable of shape [] that is not among its inputs"))
  }

  @Test func aStoppedOneIsNot() {
    let slopes = gradients(at: [Tensor([1.0, 2.0]), Tensor(3.0)]) { v in
      withDerivative(at: [v[0]]) {
        ($0[0] * v[1].stopGradient()).sum()
      } pullback: { x, _, c in
        [c * Tensor.full(x[0].shape, 7)]
      }
    }
    #expect(slopes[0].array(of: Float.self) == [7, 7])
    #expect(slopes[1].scalar(of: Float.self) == 0)
  }

  @Test func theCotangentTakesTheInputsType() {
    let x = Tensor([0.3, 0.7], dtype: .float64)
    let slope = gradient(at: x) { v in
      withDerivative(at: [v]) {
        $0[0].round().sum()
      } pullback: { _, _, _ in
        [Tensor([1.0, 1.0])]
      }
    }
    #expect(slope.dtype == .float64)
  }
}
