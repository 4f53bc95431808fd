// The public functions that differentiate. Each gives its variables a fresh identity, traces the function, and
// transforms the graph; the results are tensors like any other and can be differentiated again.

/// Calls `body` with fresh variables that stand for `values` while a derivative is being taken.
package func withVariables<R>(_ operation: String, _ values: [Tensor], _ body: ([Tensor]) -> R) -> R {
  requireFloats(operation, values)
  let scope = TraceScope()
  defer { scope.finish() }
  return body(values.map { Tensor(.identity, [$0], scope: scope) })
}

private func requireFloats(_ operation: String, _ values: [Tensor]) {
  for (index, value) in values.enumerated() where !value.dtype.isFloat {
    fatalError("\(operation): variable \(index) is \(value.dtype.name); only float32 and float64 have derivatives")
  }
}

private func requireScalar(_ operation: String, _ output: Tensor) {
  guard output.rank == 0 && output.dtype.isFloat else {
    fatalError(
      "\(operation): the function must return one float, not \(output.dtype.name)\(text(output.shape)); take a sum or "
        + "a mean, or use vjp or jacobian")
  }
}

/// The value of a scalar function and its gradient with respect to each of its arguments.
public func valueAndGradients(at values: [Tensor], of function: ([Tensor]) -> Tensor) -> (
  value: Tensor, gradients: [Tensor]
) {
  withVariables("gradient", values) { variables in
    let value = function(variables)
    requireScalar("gradient", value)
    let gradients = pullback(of: [value], cotangents: [Tensor.ones(like: value)], to: variables)
    return (value, zip(gradients, values).map { $0 ?? Tensor.zeros(like: $1) })
  }
}

/// The gradient of a scalar function with respect to each of its arguments.
public func gradients(at values: [Tensor], of function: ([Tensor]) -> Tensor) -> [Tensor] {
  valueAndGradients(at: values, of: function).gradients
}

/// The value and the gradient of a scalar function of one tensor.
public func valueAndGradient(at x: Tensor, of function: (Tensor) -> Tensor) -> (value: Tensor, gradient: Tensor) {
  let (value, gradients) = valueAndGradients(at: [x]) { function($0[0]) }
  return (value, gradients[0])
}

/// The value and both gradients of a scalar function of two tensors.
public func valueAndGradient(at x: Tensor, _ y: Tensor, of function: (Tensor, Tensor) -> Tensor) -> (
  value: Tensor, gradient: (Tensor, Tensor)
) {
  let (value, gradients) = valueAndGradients(at: [x, y]) { function($0[0], $0[1]) }
  return (value, (gradients[0], gradients[1]))
}

/// The gradient of a scalar function of one tensor, at a point.
public func gradient(at x: Tensor, of function: (Tensor) -> Tensor) -> Tensor {
  valueAndGradient(at: x, of: function).gradient
}

/// Both gradients of a scalar function of two tensors, at a point.
public func gradient(at x: Tensor, _ y: Tensor, of function: (Tensor, Tensor) -> Tensor) -> (Tensor, Tensor) {
  valueAndGradient(at: x, y, of: function).gradient
}

/// The gradient of a scalar function, as a function.
///
/// ```swift
/// let slope = gradient { x in (x * sin(x)).sum() }([1, 2, 3])
/// ```
public func gradient(_ function: @escaping (Tensor) -> Tensor) -> (Tensor) -> Tensor {
  { x in gradient(at: x, of: function) }
}

/// Both gradients of a scalar function of two tensors, as a function.
public func gradient(_ function: @escaping (Tensor, Tensor) -> Tensor) -> (Tensor, Tensor) -> (Tensor, Tensor) {
  { x, y in gradient(at: x, y, of: function) }
}

/// Value and gradient of a scalar function, as a function.
public func valueAndGradient(_ function: @escaping (Tensor) -> Tensor) -> (Tensor) -> (value: Tensor, gradient: Tensor)
{
  { x in valueAndGradient(at: x, of: function) }
}

/// Forward mode: the value of a function and its directional derivative J·v.
public func derivative(at x: Tensor, along tangent: Tensor, of function: (Tensor) -> Tensor) -> (
  value: Tensor, derivative: Tensor
) {
  derivative(at: [x], along: [tangent]) { function($0[0]) }
}

/// Forward mode for a function of several tensors.
public func derivative(at values: [Tensor], along tangents: [Tensor], of function: ([Tensor]) -> Tensor) -> (
  value: Tensor, derivative: Tensor
) {
  requireMatching("derivative", values, tangents)
  return withVariables("derivative", values) { variables in
    let value = function(variables)
    let seeds: [Tensor?] = zip(tangents, values).map { $0.cast(to: $1.dtype) }
    let result = pushforward(of: [value], tangents: seeds, from: variables)[0]
    return (value, result ?? Tensor.zeros(like: value))
  }
}

/// Reverse mode for a function of any shape: the value, and a function that pulls a cotangent back, ȳ ↦ ȳ·J.
public func vjp(at x: Tensor, of function: (Tensor) -> Tensor) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
  let (value, pull) = vjp(at: [x]) { function($0[0]) }
  return (value, { pull($0)[0] })
}

/// Reverse mode for a function of several tensors.
public func vjp(at values: [Tensor], of function: ([Tensor]) -> Tensor) -> (
  value: Tensor, pullback: (Tensor) -> [Tensor]
) {
  requireFloats("vjp", values)
  let scope = TraceScope()
  let variables = values.map { Tensor(.identity, [$0], scope: scope) }
  let value = function(variables)
  let lifetime = ScopeLifetime(scope)
  return (
    value,
    { cotangent in
      requireMatching("vjp", [value], [cotangent])
      let seed = cotangent.cast(to: value.dtype)
      let pulled = withExtendedLifetime(lifetime) { pullback(of: [value], cotangents: [seed], to: variables) }
      return zip(pulled, values).map { $0 ?? Tensor.zeros(like: $1) }
    }
  )
}

/// Keeps a scope active as long as a pullback that needs its graph can still be called.
private final class ScopeLifetime {
  private let scope: TraceScope
  init(_ scope: TraceScope) { self.scope = scope }
  deinit { scope.finish() }
}

/// All partial derivatives of a function: [output shape…, input shape…], row by row in reverse mode.
public func jacobian(at x: Tensor, of function: (Tensor) -> Tensor) -> Tensor {
  withVariables("jacobian", [x]) { variables in
    let value = function(variables[0])
    let basis = Tensor.eye(value.count, dtype: value.dtype).reshaped([value.count] + value.shape)
    let rows = vmap({ cotangent in
      pullback(of: [value], cotangents: [cotangent], to: variables)[0] ?? Tensor.zeros(like: x)
    })(basis)
    return rows.reshaped(value.shape + x.shape)
  }
}

/// The second derivatives of a scalar function: [shape…, shape…], forward over reverse.
public func hessian(at x: Tensor, of function: (Tensor) -> Tensor) -> Tensor {
  withVariables("hessian", [x]) { variables in
    let slope = gradient(at: variables[0], of: function)
    let basis = Tensor.eye(x.count, dtype: x.dtype).reshaped([x.count] + x.shape)
    let columns = vmap({ tangent in
      pushforward(of: [slope], tangents: [tangent], from: variables)[0] ?? Tensor.zeros(like: x)
    })(basis)
    return columns.reshaped(x.shape + x.shape)
  }
}

/// H·v without forming H: the derivative of the gradient along v.
public func hessianVectorProduct(at x: Tensor, along v: Tensor, of function: (Tensor) -> Tensor) -> Tensor {
  derivative(at: x, along: v) { gradient(at: $0, of: function) }.derivative
}

private func requireMatching(_ operation: String, _ values: [Tensor], _ directions: [Tensor]) {
  guard values.count == directions.count else {
    fatalError("\(operation): \(directions.count) directions for \(values.count) values")
  }
  for (value, direction) in zip(values, directions) where value.shape != direction.shape {
    fatalError("\(operation): a direction of shape \(text(direction.shape)) for a value of shape \(text(value.shape))")
  }
}
