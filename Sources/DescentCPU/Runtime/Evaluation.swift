public import DescentCore

// Reading a tensor's elements computes them, on the CPU. An error here is an index that no shape could rule out; it
// stops the program like any other index out of range. `Engine.compute` throws it instead.

extension Tensor {
  /// The elements in memory, computed if they are not there yet.
  public var memory: Memory {
    if let value = node.value { return value }
    do {
      try Engine.cpu.evaluate([self])
    } catch {
      fatalError(error.description)
    }
    return node.value!
  }

  /// The elements in row-major order, converted to `S`.
  public func array<S: TensorScalar>(of type: S.Type = Float.self) -> [S] { memory.array(of: type) }

  /// The one element of a tensor that has one.
  public func scalar<S: TensorScalar>(of type: S.Type = Float.self) -> S {
    guard count == 1 else { fatalError("scalar: a tensor of shape \(shape) has \(count) elements, not one") }
    return S(memory[0])
  }
}

/// Computes several tensors in one program, so that what they share is computed once.
public func evaluate(_ tensors: Tensor...) { evaluate(tensors) }

/// Computes several tensors in one program, so that what they share is computed once.
public func evaluate(_ tensors: [Tensor]) {
  do {
    try Engine.cpu.evaluate(tensors)
  } catch {
    fatalError(error.description)
  }
}
