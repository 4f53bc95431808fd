public import DescentCore

/// A fully connected layer: y = x·W + b.
///
/// Shapes: x [..., inputs] → y [..., outputs]; weight W [inputs, outputs], bias b [outputs].
/// The weight starts uniform on ± √(6 / (inputs + outputs)) (Glorot & Bengio 2010), the bias at 0.
public struct Dense: Layer {
  @Parameter public var weight: Tensor
  @OptionalParameter public var bias: Tensor?

  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, key: RandomKey? = nil) {
    guard inputs > 0 && outputs > 0 else {
      fatalError("Dense: needs at least one input and one output, not \(inputs) and \(outputs)")
    }
    let limit = (6 / Double(inputs + outputs)).squareRoot()
    weight = (key ?? nextInitialKey()).uniform([inputs, outputs], from: -limit, to: limit)
    self.bias = bias ? .zeros([outputs]) : nil
  }

  public var inputs: Int { $weight.storage.shape[0] }
  public var outputs: Int { $weight.storage.shape[1] }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard x.shape.last == inputs else {
      fatalError("Dense: expects \(inputs) features in the last axis, not shape \(text(x.shape))")
    }
    let y = x.matmul(weight)
    return bias.map { y + $0 } ?? y
  }
}
