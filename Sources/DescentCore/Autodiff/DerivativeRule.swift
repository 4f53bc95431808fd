/// How a primitive's result changes with its operands.
///
/// One row serves both modes. Forward mode pushes tangents ẋ through the row; reverse mode pulls a cotangent ȳ back
/// through its transpose.
enum DerivativeRule {
  /// ẏ = Σᵢ ∂y/∂xᵢ · ẋᵢ, all of one shape; nil marks a flat operand.
  case elementwise(partials: (_ x: [Tensor], _ y: Tensor) -> [Tensor?])
  /// The primitive is linear in the operands named: ẏ is the primitive of ẋ. `transpose` gives their cotangents in the
  /// same order.
  case linear(in: [Int], transpose: (_ cotangent: Tensor, _ x: [Tensor]) -> [Tensor])
  /// y is linear in each of its two operands: ẏ = ẋ₀·x₁ + x₀·ẋ₁.
  case bilinear(
    left: (_ cotangent: Tensor, _ x: [Tensor]) -> Tensor, right: (_ cotangent: Tensor, _ x: [Tensor]) -> Tensor)
  /// ẏ = Σ over the axes of ∂y/∂x · ẋ, with the partial in the shape of x.
  case reduction(axes: [Int], partial: (_ x: Tensor, _ y: Tensor) -> Tensor)
  /// The user's own cotangents.
  case custom(CustomRule)
  /// No derivative, by definition: integers, positions, comparisons, random bits, stopped gradients.
  case constant
}
