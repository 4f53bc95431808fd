extension Tensor {
  /// The logarithm to base 2, log x / log 2.
  public func log2() -> Tensor { log() / 0.693_147_180_559_945_3 }
  /// The logarithm to base 10, log x / log 10.
  public func log10() -> Tensor { log() / 2.302_585_092_994_046 }
}

public func log2(_ x: Tensor) -> Tensor { x.log2() }
public func log10(_ x: Tensor) -> Tensor { x.log10() }
