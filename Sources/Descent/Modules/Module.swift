public import DescentCore

/// Something that has parameters: a value whose stored properties are `@Parameter`, `@Buffer`, other modules, or
/// arrays, optionals and string-keyed dictionaries of these.
///
/// Nothing has to be implemented. The properties are found by reflection, and their names make up the paths by which
/// files and messages call the parameters, such as `encoder.0.weight`. A stored `Tensor` that is neither a parameter
/// nor a buffer would be lost on saving, so it stops the program when the paths are first asked for.
public protocol Module: Sendable {}

/// A module that maps one tensor to one tensor.
///
/// ```swift
/// struct Scale: Layer {
///   @Parameter var factor: Tensor = 1
///   func callAsFunction(_ x: Tensor) -> Tensor { x * factor }
/// }
/// ```
public protocol Layer: Module {
  func callAsFunction(_ x: Tensor) -> Tensor
}
