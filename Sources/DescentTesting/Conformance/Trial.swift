import DescentCore

/// One row at one choice of shapes, with numbers drawn.
struct Trial {
  static let exampleCount = 3
  static let step = 1e-3

  let row: OpRow
  let shapes: [[Int]]
  let seed: Int
  private let drawn: [HostArray]
  /// The operands of each example of a batch; operands that are not batched are the same in all.
  private let examples: [[HostArray]]
  private let isBatched: [Bool]
  /// Which operands can be differentiated.
  private let variables: [Int]
  private let directions: [HostArray]
  /// What the result is multiplied by to make a scalar of it.
  let weights: HostArray

  init(_ row: OpRow, _ shapes: [[Int]], seed: Int) {
    self.row = row
    self.shapes = shapes
    self.seed = seed
    var source = RandomSource(UInt64(seed), stream: Self.stream(row.name, shapes))
    func draw() -> [HostArray] { zip(row.samples, shapes).map { $0.draw($1, using: &source) } }
    // The first seed batches every operand, the others one of them, so that shared operands are met too.
    let batched = row.samples.indices.map { seed == 0 || $0 == (seed == 1 ? 0 : row.samples.count - 1) }
    let first = draw()
    isBatched = batched
    drawn = first
    examples = (0..<Self.exampleCount).map { _ in
      zip(zip(draw(), first), batched).map { $1 ? $0.0 : $0.1 }
    }
    variables = row.isDifferentiable ? row.samples.indices.filter { row.samples[$0].fixedType == nil } : []
    directions = variables.map { Self.direction(shapes[$0], using: &source) }
    let result = row.function(Self.tensors(first, row.samples, .float64))
    weights = Self.direction(result.shape, using: &source)
  }

  /// The operands as drawn for an element type.
  func inputs(_ dtype: DType) -> [HostArray] { Self.adapted(drawn, row.samples, dtype) }

  /// The direction of differentiation, all operands in one line.
  var flatDirection: HostArray {
    let values = directions.flatMap(\.values)
    return HostArray([values.count], values)
  }

  func answers(_ dtype: DType, on engine: Engine) throws(EvaluationError) -> Answers {
    var questions = Questions()
    let inputs = Self.tensors(drawn, row.samples, dtype)
    let value = row.function(inputs)
    let valuePlace = questions.ask([value])
    let batch = questions.ask(batched(dtype))
    let loop = questions.ask(looped(dtype))
    let isDifferentiable = dtype.isFloat && !variables.isEmpty
    let slopes = isDifferentiable ? questions.ask(slopeTensors(inputs, dtype)) : 0..<0
    let shifts = isDifferentiable && dtype == .float64 && row.isSmooth ? questions.ask(shifted(inputs)) : 0..<0
    let results = try questions.compute(on: engine)
    return Answers(
      type: value.dtype, value: results[valuePlace.lowerBound], batched: Array(results[batch]),
      looped: Array(results[loop]),
      slopes: slopes.isEmpty ? nil : Slopes(Array(results[slopes]), shifts: Array(results[shifts])))
  }

  // MARK: Derivatives

  private func function(of variableValues: [Tensor], _ inputs: [Tensor]) -> Tensor {
    var operands = inputs
    for (place, value) in zip(variables, variableValues) { operands[place] = value }
    return row.function(operands)
  }

  /// The gradient of ⟨weights, f⟩ with respect to all variables, in one line.
  private func flatGradient(at values: [Tensor], _ inputs: [Tensor]) -> Tensor {
    let slopes = gradients(at: values) { values in
      let result = function(of: values, inputs)
      return (result * tensor(weights, result.dtype)).sum()
    }
    return flat(slopes)
  }

  private func flat(_ tensors: [Tensor]) -> Tensor { .concatenate(tensors.map { $0.reshaped([$0.count]) }) }

  private func slopeTensors(_ inputs: [Tensor], _ dtype: DType) -> [Tensor] {
    let point = variables.map { inputs[$0] }
    let along = directions.map { tensor($0, dtype) }
    let forward = derivative(at: point, along: along) { function(of: $0, inputs) }.derivative
    let reverse = flatGradient(at: point, inputs)
    let second = derivative(at: point, along: along) { flatGradient(at: $0, inputs) }.derivative
    let secondByReverse = gradients(at: point) { (flatGradient(at: $0, inputs) * flat(along)).sum() }
    return [forward, reverse, second, flat(secondByReverse)]
  }

  /// Values and gradients at ±h and ±2h along the direction.
  private func shifted(_ inputs: [Tensor]) -> [Tensor] {
    [1.0, -1, 2, -2].flatMap { multiple in
      let point = zip(variables, directions).map { place, direction in
        let values = zip(drawn[place].values, direction.values).map { $0 + multiple * Self.step * $1 }
        return tensor(HostArray(drawn[place].shape, values), .float64)
      }
      return [function(of: point, inputs), flatGradient(at: point, inputs)]
    }
  }

  // MARK: Batches

  private func results(_ operands: [Tensor], _ dtype: DType) -> [Tensor] {
    let value = row.function(operands)
    guard dtype.isFloat && !variables.isEmpty else { return [value] }
    return [value, flatGradient(at: variables.map { operands[$0] }, operands)]
  }

  private func batched(_ dtype: DType) -> [Tensor] {
    let first = Self.tensors(examples[0], row.samples, dtype)
    let all = examples.map { Self.tensors($0, row.samples, dtype) }
    let arguments = isBatched.indices.map { place in
      isBatched[place] ? Tensor.stack(all.map { $0[place] }) : first[place]
    }
    return vmap(over: arguments, inAxes: isBatched.map { $0 ? 0 : nil }) { results($0, dtype) }
  }

  private func looped(_ dtype: DType) -> [Tensor] {
    let each = examples.map { results(Self.tensors($0, row.samples, dtype), dtype) }
    return each[0].indices.map { index in Tensor.stack(each.map { $0[index] }) }
  }

  // MARK: Numbers

  private static func adapted(_ arrays: [HostArray], _ samples: [Sample], _ dtype: DType) -> [HostArray] {
    dtype.isFloat ? arrays : zip(arrays, samples).map { $1.integers($0, dtype) }
  }

  private static func tensors(_ arrays: [HostArray], _ samples: [Sample], _ dtype: DType) -> [Tensor] {
    zip(adapted(arrays, samples, dtype), samples).map { array, sample in
      Tensor(array.values, shape: array.shape, dtype: sample.fixedType ?? dtype)
    }
  }

  private func tensor(_ array: HostArray, _ dtype: DType) -> Tensor {
    Tensor(array.values, shape: array.shape, dtype: dtype)
  }

  /// Multiples of 1/8 on ±[0.5, 1.5]: none of them hides an element.
  private static func direction(_ shape: [Int], using source: inout RandomSource) -> HostArray {
    HostArray(
      shape,
      (0..<shape.reduce(1, *)).map { _ in
        Double(Int.random(in: 4...12, using: &source)) / 8 * (Bool.random(using: &source) ? 1 : -1)
      })
  }

  /// A number of its own for every row and shape (FNV-1a), so that adding a row leaves the others as they are.
  private static func stream(_ name: String, _ shapes: [[Int]]) -> UInt32 {
    "\(name)\(shapes)".utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
  }
}
