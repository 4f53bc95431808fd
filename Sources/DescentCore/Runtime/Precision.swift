#if hasFeature(Embedded)
  /// What matrix products and convolutions of float32 multiply; in a browser there is no choice.
  public enum Precision: Sendable, Hashable {
    case float32
  }
#else
  /// What matrix products and convolutions of float32 multiply.
  ///
  /// Everything else is as it is: every tensor stays float32, so do weights and what an optimizer remembers, and products
  /// are added in float32. Tensors of other element types are multiplied as they are.
  public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// The operands.
    case float32
    /// The operands rounded to bfloat16: the range of float32 with eight significant bits, ties to even. What is beyond
    /// its greatest number, 3.39 · 10³⁸, becomes infinite; NaN stays NaN.
    case bfloat16

    /// What a number is multiplied as.
    package func operand(_ x: Float) -> Float {
      guard self == .bfloat16 else { return x }
      let bits = x.bitPattern
      guard !x.isNaN else { return Float(bitPattern: (bits | 0x40_0000) & 0xffff_0000) }
      return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
    }
  }
#endif
