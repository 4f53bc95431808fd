public import Descent

/// What every layer owes: run `check()` on it and a new layer is tested.
///
/// ```swift
/// try LayerConformance(input: [3], output: [4]) { Dense(3, 4) }.check()
/// ```
public struct LayerConformance: Sendable {
  /// Shape of one example, without the batch.
  public let input: [Int]
  public let output: [Int]
  /// Whether derivatives are checked against differences; not for functions with steps or kinks near any input.
  public let isSmooth: Bool
  /// For layers that look up: the inputs are whole numbers below this.
  public let indices: Int?
  public let make: @Sendable () -> any Layer
  private let additional: [any ConfigurableLayer.Type]

  /// `additional` lists the configurable layers that are not the library's, for reading them back.
  public init(
    input: [Int], output: [Int], isSmooth: Bool = true, indices: Int? = nil,
    additional: [any ConfigurableLayer.Type] = [],
    _ make: @escaping @Sendable () -> any Layer
  ) {
    self.input = input
    self.output = output
    self.isSmooth = isSmooth
    self.indices = indices
    self.additional = additional
    self.make = make
  }

  public func check() throws {
    try checkShapes()
    try checkGradientsArrive()
    if isSmooth { try checkDerivatives() }
    try checkFloat64()
    try checkInference()
    try checkConfiguration()
  }

  private func model() -> Sequential { Sequential([withSeed(3, make)]) }

  /// Numbers between 0.25 and 1.25, where logarithms and roots exist, or indices.
  private func batch(of count: Int, dtype: DType = .float32) -> Tensor {
    let shape = [count] + input
    if let indices { return RandomKey(11).uniform(shape, from: 0, to: Double(indices)).cast(to: .int32) }
    return RandomKey(11).uniform(shape, from: 0.25, to: 1.25, dtype: dtype)
  }

  private func training<R>(_ body: () throws -> R) rethrows -> R {
    try withPhase(.training, key: RandomKey(5), body)
  }

  private func checkShapes() throws {
    let model = model()
    for count in [2, 5] {
      let found = model(batch(of: count)).shape
      try require(found == [count] + output, "the output has shape \(found), expected \([count] + output)")
      let trained = training { model(batch(of: count)).shape }
      try require(trained == found, "the output has shape \(trained) in training and \(found) in inference")
    }
  }

  private func checkGradientsArrive() throws {
    let model = model()
    let x = batch(of: 4)
    let weights = RandomKey(6).uniform(model(x).shape, from: 0.5, to: 1.5)
    let gradient = training { valueAndGradient(of: model) { ($0(x) * weights).sum() }.gradient }
    try require(gradient.missing.isEmpty, "no gradient reaches \(gradient.missing.joined(separator: ", "))")
    for (path, value) in gradient.values {
      let elements = value.array()
      try require(elements.allSatisfy(\.isFinite), "the gradient of \(path) is not finite")
      try require(elements.contains { $0 != 0 }, "the gradient of \(path) is 0 throughout")
    }
  }

  private func checkDerivatives() throws {
    let model = model()
    model.convert(to: .float64)
    let x = batch(of: 3, dtype: .float64)
    let point = (indices == nil ? [x] : []) + model.parameters.tensors
    for phase in [Phase.inference, .training] {
      try expectGradients(at: point, tolerance: 1e-6, "the layer in \(phase)") { values in
        withParameters(of: model, replacedBy: Array(values.suffix(model.parameters.count))) { model in
          withPhase(phase, key: RandomKey(5)) { model(indices == nil ? values[0] : x) }
        }
      }
    }
  }

  private func checkFloat64() throws {
    let model = model()
    let x = batch(of: 3)
    let single = model(x)
    model.convert(to: .float64)
    let double = model(x.dtype.isFloat ? x.cast(to: .float64) : x)
    try require(double.dtype == .float64, "a float64 layer gives \(double.dtype.name) for float64")
    try expectClose(single, double, tolerance: 1e-5, "the float32 output")
  }

  private func checkInference() throws {
    let model = model()
    let before = model.state
    let x = batch(of: 3)
    let y = model(x)
    try expectClose(model(x), y, tolerance: 0, "the output of a second call")
    for (old, new) in zip(before, model.state) {
      try expectClose(new.value, old.value, tolerance: 0, "\(new.path) after inference")
    }
    for row in 0..<3 {
      let alone = model(x[row..<(row + 1)])
      try expectClose(alone, y[row..<(row + 1)], tolerance: 0, "the output for row \(row) alone")
    }
  }

  private func checkConfiguration() throws {
    let model = model()
    guard model[0] is any ConfigurableLayer else { return }
    let text = try model.architecture()
    let copy = try Sequential(architecture: text, additional: additional)
    let again = try copy.architecture()
    try require(again == text, "the configuration reads back as \(again), expected \(text)")
    try copy.load(model.state)
    let x = batch(of: 3)
    try expectClose(copy(x), model(x), tolerance: 0, "the output of the layer read back")
  }
}
