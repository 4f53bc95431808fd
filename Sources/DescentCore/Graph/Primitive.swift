/// The closed set of operations everything else is composed of.
///
/// A case carries what is fixed when the graph is built; its operands are other nodes. Adding a case makes the
/// compiler ask for a shape rule, a derivative row, a batching rule, the interpreter's loop and the CPU's lowering.
public enum Primitive: Sendable, Hashable {
  // Leaves
  /// A tensor whose elements are in memory.
  case constant
  /// A value that is bound when the program runs.
  case input(Int)
  /// A single number of any element type, of rank 0.
  case literal(ScalarValue, DType)
  /// 0, 1, 2, … along one axis of the given shape.
  case iota(shape: [Int], axis: Int, DType)

  // One result element from the operand elements at the same place
  case unary(Unary)
  case binary(Binary)
  /// Operands (condition, ifTrue, ifFalse).
  case select
  case convert(DType)

  // The value unchanged, the derivative not
  /// A fresh variable to differentiate with respect to.
  case identity
  case stopGradient
  /// Operand 0 is the value; the others are what it was computed from, whose cotangents the rule states.
  case custom(CustomRule)
  #if !hasFeature(Embedded)
    /// Operand 0 is the value, as other primitives define it; the others are what an engine that has a kernel for the
    /// operation computes it from instead.
    case fused(FusedOperation)
  #endif

  // Movement
  case reshape([Int])
  /// Axis i of the result is axis `permutation[i]` of the operand.
  case transpose([Int])
  /// Axis i of the operand becomes axis `axes[i]` of the result; all other axes, and those of extent 1, repeat.
  case broadcast(shape: [Int], axes: [Int])
  /// From `starts`, every `strides`-th element, `extents` of them.
  case slice(starts: [Int], extents: [Int], strides: [Int])
  /// Zeros before, after and between the elements of each axis.
  case pad(low: [Int], high: [Int], interior: [Int])
  case concatenate(axis: Int)
  case reverse(axes: [Int])

  // Contraction and reduction
  case dot(DotAxes)
  #if !hasFeature(Embedded)
    /// Operands (input, weights).
    case convolution(SlidingWindow)
  #endif
  /// The axes vanish from the shape.
  case reduce(Reduction, axes: [Int])
  /// The position of the first extreme element along the axis, which vanishes.
  case argReduce(Reduction, axis: Int)
  case cumulativeSum(axis: Int, reverse: Bool, exclusive: Bool)
  /// Positions that sort the axis; equal elements keep their order.
  case argSort(axis: Int, descending: Bool)

  // Indexing: the first `batchRank` axes are shared by operand and indices, `axis` is looked up
  /// Operands (values [batch, before, n, after], indices [batch, picks]) → [batch, before, picks, after].
  case gather(axis: Int, batchRank: Int)
  /// Operands (updates, indices): the transpose of gather into zeros of extent `extent` along `axis`.
  case scatterAdd(axis: Int, batchRank: Int, extent: Int)

  // Randomness
  /// Operand: keys int32 [batch…, 2] → [batch…, sample…]. Int32 gives raw bits, floats are uniform on [0, 1).
  case random(sample: [Int], DType, stream: Int)
}

/// What a reduction makes of many elements.
public enum Reduction: Sendable, Hashable { case sum, max, min }

/// Which axes a product matches and which it sums over; the result's axes are batch, left free, right free.
public struct DotAxes: Sendable, Hashable {
  public var leftBatch: [Int], rightBatch: [Int]
  public var leftContracting: [Int], rightContracting: [Int]

  public init(leftBatch: [Int] = [], rightBatch: [Int] = [], leftContracting: [Int], rightContracting: [Int]) {
    self.leftBatch = leftBatch
    self.rightBatch = rightBatch
    self.leftContracting = leftContracting
    self.rightContracting = rightContracting
  }

  package func leftFree(rank: Int) -> [Int] {
    (0..<rank).filter { !leftBatch.contains($0) && !leftContracting.contains($0) }
  }

  package func rightFree(rank: Int) -> [Int] {
    (0..<rank).filter { !rightBatch.contains($0) && !rightContracting.contains($0) }
  }
}

extension Primitive {
  /// The word error messages use.
  package var name: String {
    switch self {
    case .constant: "constant"
    case .input: "input"
    case .literal: "literal"
    case .iota: "iota"
    case .unary(let function): function.name
    case .binary(let function): function.name
    case .select: "select"
    case .convert: "convert"
    case .identity: "identity"
    case .stopGradient: "stopGradient"
    case .custom: "custom"
    #if !hasFeature(Embedded)
      case .fused(let operation): operation.name
    #endif
    case .reshape: "reshape"
    case .transpose: "transpose"
    case .broadcast: "broadcast"
    case .slice: "slice"
    case .pad: "pad"
    case .concatenate: "concatenate"
    case .reverse: "flip"
    case .dot: "matrix product"
    #if !hasFeature(Embedded)
      case .convolution: "convolution"
    #endif
    case .reduce(.sum, _): "sum"
    case .reduce(.max, _): "max"
    case .reduce(.min, _): "min"
    case .argReduce(.min, _): "argMin"
    case .argReduce: "argMax"
    case .cumulativeSum: "cumulativeSum"
    case .argSort: "argSort"
    case .gather: "gather"
    case .scatterAdd: "scatterAdd"
    case .random: "random"
    }
  }
}
