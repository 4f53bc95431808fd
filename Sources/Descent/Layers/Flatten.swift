public import DescentCore

/// All axes but the batch joined into one: x [batch, a, b, …] → y [batch, a · b · …].
public struct Flatten: PlainLayer {
  public init() {}

  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard x.rank >= 1 else { fatalError("Flatten: expects [batch, …], not a tensor of rank 0") }
    return x.reshaped([x.shape[0], x.shape.dropFirst().reduce(1, *)])
  }
}
