public import DescentCore

/// The gradient of a scalar with respect to a model's parameters.
public struct ModuleGradient: Sendable {
  /// The gradients by path, in the order of the model.
  public let values: ModuleValues
  /// The trainable parameters on which the scalar does not depend.
  public let missing: [String]

  public subscript(path: String) -> Tensor? { values[path] }
}

/// The value of a scalar function of a model and its gradient with respect to every trainable parameter.
///
/// ```swift
/// let (loss, gradient) = valueAndGradient(of: model) { model in meanSquaredError(model(x), y) }
/// print(gradient["0.weight"]!)
/// ```
///
/// The gradient can be differentiated again, and inside `vmap` it is one gradient per example.
public func valueAndGradient<M: Module>(of model: M, _ function: (M) -> Tensor) -> (
  value: Tensor, gradient: ModuleGradient
) {
  let trainable = ParameterTree(model).trainable
  return withVariables("valueAndGradient", trainable.map(\.storage.value)) { variables in
    let value = withStandIns(trainable, variables) { function(model) }
    guard value.rank == 0 && value.dtype.isFloat else {
      fatalError("valueAndGradient: the function must return one float, not \(value.dtype.name)\(text(value.shape))")
    }
    let pulled = pullback(of: [value], cotangents: [Tensor.ones(like: value)], to: variables)
    var found: [ModuleValues.Element] = []
    var missing: [String] = []
    for (entry, gradient) in zip(trainable, pulled) {
      if let gradient { found.append((entry.path, gradient)) } else { missing.append(entry.path) }
    }
    return (value, ModuleGradient(values: ModuleValues(found), missing: missing))
  }
}

/// Calls `body` with other values for the model's parameters, in the order of `model.parameters`, as a function of
/// them: what it computes can be differentiated with respect to the replacements. The model itself stays as it is.
public func withParameters<M: Module, R>(
  of model: M, replacedBy values: [Tensor], _ body: (M) throws -> R
) rethrows -> R {
  let parameters = ParameterTree(model).parameters
  guard values.count == parameters.count else {
    fatalError("withParameters: \(values.count) tensors for \(parameters.count) parameters")
  }
  for (entry, value) in zip(parameters, values) where value.shape != entry.storage.shape {
    let expected = text(entry.storage.shape)
    fatalError("withParameters: \(entry.path) has shape \(expected), its replacement \(text(value.shape))")
  }
  return try withStandIns(parameters, values) { try body(model) }
}

private func withStandIns<R>(
  _ entries: [ParameterTree.Entry], _ values: [Tensor], _ body: () throws -> R
) rethrows -> R {
  let identities = entries.map { ObjectIdentifier($0.storage) }
  let standIns = Dictionary(uniqueKeysWithValues: zip(identities, values))
  let current = ModuleContext.current
  let context = ModuleContext(phase: current.phase, standIns: standIns, inside: current)
  return try ModuleContext.$current.withValue(context, operation: body)
}
