import DescentCPU
import DescentCore
import Testing

func number(_ value: Double) -> Tensor { Tensor(value, dtype: .float64) }

func doubles(_ values: [Double], _ shape: [Int]? = nil) -> Tensor { Tensor(values, shape: shape, dtype: .float64) }

/// Checks the elements: |actual − expected| ≤ tolerance · max(1, |expected|), NaN equal to NaN.
func expectClose(
  _ actual: Tensor, _ expected: [Double], tolerance: Double = 1e-12, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let values = actual.array(of: Double.self)
  let isClose =
    values.count == expected.count
    && zip(values, expected).allSatisfy { value, wanted in
      value == wanted || (value.isNaN && wanted.isNaN)
        || (value - wanted).magnitude <= tolerance * max(1, wanted.magnitude)
    }
  #expect(isClose, comment ?? "\(values) instead of \(expected)", sourceLocation: sourceLocation)
}

/// Results of an engine that does not touch the tensors.
func results(_ tensors: [Tensor], on engine: Engine) throws -> [[Double]] {
  try engine.compute(tensors).map { $0.array(of: Double.self) }
}

let engines: [Engine] = [.interpreter, .cpu]
