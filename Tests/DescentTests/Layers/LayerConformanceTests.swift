import Descent
import DescentTesting
import Testing

/// The checks themselves: each defect is found and named.
struct LayerConformanceTests {
  private func message(
    input: [Int] = [3], output: [Int] = [3], _ make: @escaping @Sendable () -> any Layer
  ) -> String? {
    do {
      try LayerConformance(input: input, output: output, make).check()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func aWrongShape() {
    #expect(message(output: [2]) { Tanh() } == "the output has shape [2, 3], expected [2, 2]")
  }

  @Test func aParameterWithoutGradient() {
    struct Deaf: Layer {
      @Parameter var factor: Tensor = 1
      func callAsFunction(_ x: Tensor) -> Tensor { x * factor.stopGradient() }
    }
    #expect(message { Deaf() } == "no gradient reaches 0.factor")
  }

  @Test func aGradientThatIsZero() {
    struct Flat: Layer {
      @Parameter var factor: Tensor = 1
      func callAsFunction(_ x: Tensor) -> Tensor { x * factor.squared() - x * (2 * factor) }
    }
    #expect(message { Flat() } == "the gradient of 0.factor is 0 throughout")
  }

  @Test func aDerivativeThatIsCut() {
    let text = message { Lambda { $0 * $0.stopGradient() } }
    #expect(text?.contains("first derivative of the layer in inference in reverse mode, against differences") == true)
  }

  @Test func precisionThatIsLost() {
    let text = message { Lambda { $0.cast(to: .float32) * 2 } }
    #expect(text?.isEmpty == false)
  }

  @Test func rowsThatDependOnEachOther() {
    let text = message { Lambda { $0 - $0.mean(axis: 0) } }
    #expect(text?.hasPrefix("the output for row 0 alone is ") == true)
  }

  @Test func aBufferThatMovesInInference() {
    struct Counting: Layer {
      @Buffer var calls: Tensor = 0
      func callAsFunction(_ x: Tensor) -> Tensor {
        calls = calls + 1
        return x
      }
    }
    #expect(message { Counting() }?.hasPrefix("0.calls after inference is ") == true)
  }

  @Test func aConfigurationThatForgets() {
    struct Forgetful: ConfigurableLayer {
      struct Configuration: Codable, Sendable { var power = 1 }
      let power: Int
      var configuration: Configuration { Configuration(power: power + 1) }
      init(power: Int) { self.power = power }
      init(configuration: Configuration) { power = configuration.power }
      func callAsFunction(_ x: Tensor) -> Tensor { x.pow(power) }
    }
    #expect(message { Forgetful(power: 2) }?.contains("there is no layer \"Forgetful\"") == true)
    let text = { () -> String? in
      do {
        try LayerConformance(input: [3], output: [3], additional: [Forgetful.self]) { Forgetful(power: 2) }.check()
        return nil
      } catch { return "\(error)" }
    }()
    #expect(text?.hasPrefix("the configuration reads back as ") == true)
  }

  @Test func closenessNamesTheWorstElement() {
    let error = #expect(throws: Mismatch.self) {
      try expectClose([[1, 2], [3, 5]], [[1, 2.5], [3, 4]], tolerance: 0.125, "y")
    }
    #expect(error?.description == "y is 5.0 at [1, 1], expected 4.0 (off by 0.25, allowed 0.125)")
    #expect(throws: Mismatch.self) { try expectClose([1], Tensor([Float.nan])) }
    #expect(throws: Mismatch.self) { try expectClose(Tensor([Float.infinity]), [1]) }
    #expect(throws: Never.self) { try expectClose(Tensor([Float.nan, .infinity]), [.nan, .infinity]) }
  }

  @Test func aWrongSecondDerivativeIsFound() {
    let error = #expect(throws: Mismatch.self) {
      // The first derivative 3x² is right, but passed as if it were constant.
      try expectGradients(at: [0.5, 0.75]) { x in x * (3 * x.squared()).stopGradient() - (2 * x * x * x).stopGradient()
      }
    }
    #expect(error?.description.hasPrefix("second derivative of the function in reverse mode") == true)
  }
}
