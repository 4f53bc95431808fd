import DescentCore

/// Tensors to be computed in one program.
struct Questions {
  private var tensors: [Tensor] = []

  /// The places of the results among all.
  mutating func ask(_ questions: [Tensor]) -> Range<Int> {
    tensors += questions
    return (tensors.count - questions.count)..<tensors.count
  }

  func compute(on engine: Engine) throws(EvaluationError) -> [HostArray] {
    zip(tensors, try engine.compute(tensors)).map { HostArray($0.shape, $1.array(of: Double.self)) }
  }
}

/// What an engine answers in one trial.
struct Answers {
  let type: DType
  let value: HostArray
  /// Values and gradients of a batched function.
  let batched: [HostArray]
  /// The same by a loop over the examples.
  let looped: [HostArray]
  let slopes: Slopes?
}

struct Slopes {
  let forward: HostArray
  let reverse: HostArray
  let second: HostArray
  let secondByReverse: HostArray
  /// The first and second derivatives by differences of fourth order.
  let differences: (values: HostArray, slopes: HostArray)?

  init(_ results: [HostArray], shifts: [HostArray]) {
    forward = results[0]
    reverse = results[1]
    second = results[2]
    secondByReverse = results[3]
    guard !shifts.isEmpty else {
      differences = nil
      return
    }
    // (8(f(x+h) − f(x−h)) − (f(x+2h) − f(x−2h))) / 12h
    func slope(_ part: Int) -> HostArray {
      let at = (0..<4).map { shifts[2 * $0 + part] }
      let values = at[0].values.indices.map { index in
        let near = at[0].values[index] - at[1].values[index]
        let far = at[2].values[index] - at[3].values[index]
        return (8 * near - far) / (12 * Trial.step)
      }
      return HostArray(at[0].shape, values)
    }
    differences = (slope(0), slope(1))
  }
}
