import DescentCPU
import DescentCore
import Testing

/// The exact text of every shape error.
@Suite struct ShapeErrorTests {
  struct Row: Sendable, CustomStringConvertible {
    let description: String
    let rule: @Sendable () throws(ShapeError) -> Void

    init(_ description: String, _ rule: @escaping @Sendable () throws(ShapeError) -> Void) {
      self.description = description
      self.rule = rule
    }
  }

  private static func primitive(_ primitive: Primitive, _ operands: TensorType..., says text: String) -> Row {
    Row(text) { () throws(ShapeError) in _ = try primitive.resultType(operands) }
  }

  private static func float(_ shape: Int...) -> TensorType { TensorType(shape, .float32) }
  private static func int(_ shape: Int...) -> TensorType { TensorType(shape, .int32) }

  static let primitives: [Row] = [
    primitive(.constant, says: "constant: leaves have no operands to infer a shape from"),
    primitive(.input(0), says: "input: leaves have no operands to infer a shape from"),
    primitive(
      .iota(shape: [2, 3], axis: 2, .int32), says: "iota: there is no axis 2 in a tensor of rank 2; use -2 ... 1"),
    primitive(.unary(.exp), int(2), says: "exp: is not defined on int32; cast to float32 first"),
    primitive(.unary(.not), float(2), says: "not: needs bool, not float32"),
    primitive(
      .binary(.add), float(2), int(2), says: "add: element types float32 and int32 differ; cast one of them"),
    primitive(
      .binary(.multiply), float(2, 3), float(3, 2),
      says: "multiply: shapes [2, 3] and [3, 2] differ; broadcast them first"),
    primitive(
      .select, TensorType([2], .bool), float(2), float(3),
      says: "select: shapes [2] and [3] differ; broadcast them first"),
    primitive(.select, float(2), float(2), float(2), says: "select: the condition must be bool of shape [2]"),
    primitive(
      .select, TensorType([3], .bool), float(2), float(2), says: "select: the condition must be bool of shape [2]"),
    primitive(
      .reshape([4]), float(2, 3), says: "reshape: [2, 3] has 6 elements, [4] has 4; they must be equal"),
    primitive(.reshape([-2, -3]), float(2, 3), says: "reshape: [-2, -3] has a negative extent"),
    primitive(.broadcast(shape: [-1], axes: []), float(), says: "broadcast: [-1] has a negative extent"),
    primitive(.iota(shape: [-1], axis: 0, .int32), says: "iota: [-1] has a negative extent"),
    primitive(.random(sample: [-3], .float32, stream: 0), int(2), says: "random: [-3] has a negative extent"),
    primitive(
      .transpose([0, 0]), float(2, 3),
      says: "transpose: [0, 0] is not a permutation of the 2 axes of shape [2, 3]"),
    primitive(
      .broadcast(shape: [2, 4], axes: [0, 1]), float(2, 3),
      says: "broadcast: [2, 3] does not broadcast to [2, 4]; aligned at the last axis, extents must be equal or 1"),
    primitive(
      .broadcast(shape: [2, 3], axes: [1, 0]), float(3, 2),
      says: "broadcast: [3, 2] does not broadcast to [2, 3]; aligned at the last axis, extents must be equal or 1"),
    primitive(
      .slice(starts: [0], extents: [1], strides: [1]), float(2, 3), says: "slice: 1 ranges for a tensor of rank 2"),
    primitive(
      .slice(starts: [1], extents: [3], strides: [2]), float(5),
      says: "slice: axis 0 of shape [5] has no 3 elements from 1 by 2"),
    primitive(
      .slice(starts: [0], extents: [-1], strides: [1]), float(5),
      says: "slice: axis 0 of shape [5] has no -1 elements from 0 by 1"),
    primitive(
      .slice(starts: [0], extents: [1], strides: [0]), float(5),
      says: "slice: axis 0 of shape [5] has no 1 elements from 0 by 0"),
    primitive(
      .pad(low: [1], high: [1], interior: [0]), float(2, 3), says: "pad: 1 paddings for a tensor of rank 2"),
    primitive(
      .pad(low: [-1], high: [1], interior: [0]), float(2), says: "pad: paddings must not be negative; slice instead"),
    primitive(.concatenate(axis: 0), says: "concatenate: needs at least one tensor"),
    primitive(
      .concatenate(axis: 0), float(2, 3), float(2, 4),
      says: "concatenate: float32[2, 3] and float32[2, 4] differ beyond axis 0"),
    primitive(
      .concatenate(axis: 1), float(2, 3), int(2, 3),
      says: "concatenate: float32[2, 3] and int32[2, 3] differ beyond axis 1"),
    primitive(
      .concatenate(axis: 0), float(2), float(2, 1),
      says: "concatenate: float32[2] and float32[2, 1] differ beyond axis 0"),
    primitive(
      .concatenate(axis: 2), float(2), float(2),
      says: "concatenate: there is no axis 2 in a tensor of rank 1; use -1 ... 0"),
    primitive(.reverse(axes: [1]), float(2), says: "flip: there is no axis 1 in a tensor of rank 1; use -1 ... 0"),
    primitive(
      .dot(DotAxes(leftContracting: [1], rightContracting: [0])), float(2, 3), float(4, 5),
      says: "matrix product: [2, 3] and [4, 5] do not match: axis 1 of the first has extent 3, axis 0 of the second 4; "
        + "they must be equal"),
    primitive(
      .dot(DotAxes(leftContracting: [1], rightContracting: [0])), float(2, 3), int(3, 2),
      says: "matrix product: element types float32 and int32 differ; cast one of them"),
    primitive(
      .reduce(.sum, axes: [1]), float(3), says: "sum: there is no axis 1 in a tensor of rank 1; use -1 ... 0"),
    primitive(.reduce(.sum, axes: [0, 0]), float(3), says: "sum: axis 0 is named twice"),
    primitive(
      .reduce(.max, axes: [1]), float(3, 0), says: "max: an empty axis of shape [3, 0] has no extreme element"),
    primitive(
      .reduce(.min, axes: [0, 1]), float(3, 0), says: "min: an empty axis of shape [3, 0] has no extreme element"),
    primitive(.argReduce(.max, axis: 1), float(3, 0), says: "argMax: axis 1 of shape [3, 0] is empty"),
    primitive(
      .argReduce(.min, axis: 2), float(3, 0), says: "argMin: there is no axis 2 in a tensor of rank 2; use -2 ... 1"),
    primitive(
      .cumulativeSum(axis: 1, reverse: false, exclusive: false), float(3),
      says: "cumulativeSum: there is no axis 1 in a tensor of rank 1; use -1 ... 0"),
    primitive(
      .argSort(axis: 0, descending: false), float(), says: "argSort: there is no axis 0; the tensor has rank 0"),
    primitive(
      .gather(axis: 0, batchRank: 0), float(3), float(2),
      says: "gather: indices must be int32, int64 or uint8, not float32"),
    primitive(
      .gather(axis: 1, batchRank: 1), float(3, 4), int(2),
      says: "gather: indices [2] do not share the first 1 axes of [3, 4]"),
    primitive(
      .gather(axis: 2, batchRank: 0), float(3, 4), int(2),
      says: "gather: there is no axis 2 in a tensor of rank 2; use -2 ... 1"),
    primitive(
      .scatterAdd(axis: 0, batchRank: 0, extent: 5), float(3, 4), int(2),
      says: "scatterAdd: updates [3, 4] do not have the shape of the indices [2] at axis 0"),
    primitive(
      .scatterAdd(axis: 0, batchRank: 0, extent: 5), float(3), TensorType([3], .bool),
      says: "scatterAdd: indices must be int32, int64 or uint8, not bool"),
    primitive(
      .random(sample: [3], .float32, stream: 0), int(3),
      says: "random: a key is int32 of shape [..., 2], not int32[3]"),
    primitive(
      .random(sample: [3], .float32, stream: 0), float(2),
      says: "random: a key is int32 of shape [..., 2], not float32[2]"),
    primitive(
      .random(sample: [3], .bool, stream: 0), int(2), says: "random: samples are float32, float64 or int32, not bool"),
  ]

  static let rules: [Row] = [
    Row(
      "add: shapes [2, 3] and [4] do not broadcast: axis -1 has extents 3 and 4; they must be equal or one of them 1"
    ) { () throws(ShapeError) in _ = try broadcastShape("add", [2, 3], [4]) },
    Row(
      "pow: shapes [2, 1] and [3, 5] do not broadcast: axis -2 has extents 2 and 3; they must be equal or one of them 1"
    ) { () throws(ShapeError) in _ = try broadcastShape("pow", [2, 1], [3, 5]) },
    Row("add: shapes [0] and [2] do not broadcast: axis -1 has extents 0 and 2; they must be equal or one of them 1") {
      () throws(ShapeError) in _ = try broadcastShape("add", [0], [2])
    },
    Row("sum: there is no axis -3 in a tensor of rank 2; use -2 ... 1") { () throws(ShapeError) in
      _ = try normalizedAxis("sum", -3, rank: 2)
    },
    Row("sum: there is no axis 0; the tensor has rank 0") { () throws(ShapeError) in
      _ = try normalizedAxis("sum", 0, rank: 0)
    },
    Row("mean: axis -1 is named twice") { () throws(ShapeError) in
      _ = try normalizedAxes("mean", [1, -1], rank: 2)
    },
    Row("reshape: 6 elements do not fill [-1, 4]: 4 does not divide 6") { () throws(ShapeError) in
      _ = try resolvedShape([-1, 4], count: 6)
    },
    Row("reshape: 6 elements do not fill [-1, 0]: 0 does not divide 6") { () throws(ShapeError) in
      _ = try resolvedShape([-1, 0], count: 6)
    },
    Row("reshape: [-1, 2, -1] has more than one unknown extent") { () throws(ShapeError) in
      _ = try resolvedShape([-1, 2, -1], count: 6)
    },
    Row("subscript: more indices than the 1 axes of shape [3]") { () throws(ShapeError) in
      _ = try Tensor.zeros([3]).tryIndexed([.at(0), .at(0)])
    },
    Row("subscript: index 3 is outside axis 1 of extent 3") { () throws(ShapeError) in
      _ = try Tensor.zeros([2, 3]).tryIndexed([.at(0), .at(3)])
    },
    Row("subscript: index -4 is outside axis 0 of extent 3") { () throws(ShapeError) in
      _ = try Tensor.zeros([3]).tryIndexed([.at(-4)])
    },
    Row("subscript: the stride of axis 0 must not be 0") { () throws(ShapeError) in
      _ = try Tensor.zeros([3]).tryIndexed([.range(stride: 0)])
    },
    Row(
      "einsum: \"ij,jk->ik\" names 2 operands, but 1 were given"
    ) { () throws(ShapeError) in _ = try tryEinsum("ij,jk->ik", [.zeros([2, 3])]) },
    Row(
      "einsum: operand 1 of shape [3] has 1 axes, its subscripts name 2"
    ) { () throws(ShapeError) in _ = try tryEinsum("ij,jk", [.zeros([2, 3]), .zeros([3])]) },
    Row(
      "einsum: operand 0 of shape [3] has 1 axes, its subscripts name 2 and an ellipsis"
    ) { () throws(ShapeError) in _ = try tryEinsum("...ij", [.zeros([3])]) },
    Row(
      "einsum: axis j has extents 3 and 4; they must be equal"
    ) { () throws(ShapeError) in _ = try tryEinsum("ij,jk", [.zeros([2, 3]), .zeros([4, 2])]) },
    Row(
      "einsum: axis i has extents 1 and 3; they must be equal"
    ) { () throws(ShapeError) in _ = try tryEinsum("ii", [.zeros([1, 3])]) },
    Row(
      "einsum: axis -1 of the ellipsis has extents 2 and 3; they must be equal"
    ) { () throws(ShapeError) in _ = try tryEinsum("...,...", [.zeros([2]), .zeros([3])]) },
    Row(
      "einsum: the result of \"ij->ik\" names k, but no operand does"
    ) { () throws(ShapeError) in _ = try tryEinsum("ij->ik", [.zeros([2, 3])]) },
    Row(
      "einsum: the result of \"ij->ii\" names i twice"
    ) { () throws(ShapeError) in _ = try tryEinsum("ij->ii", [.zeros([2, 3])]) },
    Row(
      "einsum: the result of \"...i->i\" must have the ellipsis of its operands"
    ) { () throws(ShapeError) in _ = try tryEinsum("...i->i", [.zeros([2, 3])]) },
    Row(
      "einsum: \"i1\" cannot be read at character 2; use letters, one ... an operand, commas between operands and one ->"
    ) { () throws(ShapeError) in _ = try tryEinsum("i1", [.zeros([2, 3])]) },
    Row(
      "einsum: \"i->i,\" cannot be read at character 5; use letters, one ... an operand, commas between operands and one ->"
    ) { () throws(ShapeError) in _ = try tryEinsum("i->i,", [.zeros([2])]) },
    Row("matmul: needs rank 1 or more, not [] and [3]; use * for numbers") { () throws(ShapeError) in
      _ = try Tensor.tryMatmul(Tensor.zeros([]), Tensor.zeros([3]))
    },
    Row(
      "matmul: [2, 3] × [4, 5]: the last axis of the first has extent 3, axis 0 of the second 4; they must be equal"
    ) { () throws(ShapeError) in _ = try Tensor.tryMatmul(Tensor.zeros([2, 3]), Tensor.zeros([4, 5])) },
    Row("matmul: [2] × [3, 4, 5]: the last axis of the first has extent 2, axis 1 of the second 4; they must be equal")
    {
      () throws(ShapeError) in _ = try Tensor.tryMatmul(Tensor.zeros([2]), Tensor.zeros([3, 4, 5]))
    },
    Row(
      "matmul: shapes [2] and [3] do not broadcast: axis -1 has extents 2 and 3; they must be equal or one of them 1"
    ) { () throws(ShapeError) in _ = try Tensor.tryMatmul(Tensor.zeros([2, 4, 5]), Tensor.zeros([3, 5, 6])) },
  ]

  @Test(arguments: primitives + rules) func ruleSaysWhatDoesNotFit(_ row: Row) {
    do throws(ShapeError) {
      try row.rule()
      Issue.record("accepted, but should say: \(row.description)")
    } catch {
      #expect(error.description == row.description)
    }
  }

  @Test func evaluationErrorsNameTheIndex() {
    for engine in engines {
      let table = Tensor.zeros([3, 2])
      for (indices, text) in [
        (Tensor([0, 3] as [Int32]), "gather: index 3 is outside 0 ..< 3"),
        (Tensor([-1, 0] as [Int32]), "gather: index -1 is outside 0 ..< 3"),
      ] {
        #expect(throws: EvaluationError(text), "\(engine.name)") { try engine.compute([table.gather(indices)]) }
      }
      #expect(throws: EvaluationError("scatterAdd: index 5 is outside 0 ..< 3"), "\(engine.name)") {
        try engine.compute([table.scatterAdd(Tensor.ones([1, 2]), at: Tensor([5] as [Int32]))])
      }
      #expect(throws: EvaluationError("gather: index 0 into an empty axis"), "\(engine.name)") {
        try engine.compute([Tensor.zeros([0, 2]).gather(Tensor([0] as [Int32]))])
      }
    }
  }
}

/// A shape error inside a program stops it with the rule's text. Each test is a process of its own, so these are few
/// a trap: the texts of the functions that check more than their primitive does.
@Suite struct ShapeTrapTests {
  private func expectTrap(_ result: ExitTest.Result?, _ text: String) {
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains(text), "\(output)")
  }

  @Test func addingShapesThatDoNotBroadcast() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]) + Tensor.zeros([4])
    }
    expectTrap(
      result,
      "add: shapes [2, 3] and [4] do not broadcast: axis -1 has extents 3 and 4; they must be equal or one of them 1")
  }

  @Test func multiplyingMatrices() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]).matmul(Tensor.zeros([2, 3]))
    }
    expectTrap(result, "matmul: [2, 3] × [2, 3]: the last axis of the first has extent 3, axis 0 of the second 2")
  }

  @Test func valuesThatDoNotFill() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([1.0, 2, 3], shape: [2, 2])
    }
    expectTrap(result, "Tensor: 3 values do not fill shape [2, 2]")
  }

  @Test func unequalRows() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([[1.0, 2], [3]])
    }
    expectTrap(result, "Tensor: row 1 has 1 values, row 0 has 2; they must be equal")
  }

  @Test func gradientOfAVector() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor.zeros([3])) { $0 * 2 }
    }
    expectTrap(
      result,
      "gradient: the function must return one float, not float32[3]; take a sum or a mean, or use vjp or jacobian")
  }

  @Test func gradientOfIntegers() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor([1, 2, 3])) { $0.sum() }
    }
    expectTrap(result, "gradient: variable 0 is int64; only float32 and float64 have derivatives")
  }

  @Test func squeezingAWideAxis() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]).squeezed(axes: [-1])
    }
    expectTrap(result, "squeeze: axis 1 of shape [2, 3] has extent 3, not 1")
  }

  @Test func triangleOfAVector() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([3]).lowerTriangle()
    }
    expectTrap(result, "lowerTriangle: needs rank 2 or more, not shape [3]")
  }

  @Test func splittingUnevenly() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([7, 2]).split(into: 2)
    }
    expectTrap(result, "split: extent 7 of axis 0 is not divisible by 2")
  }

  @Test func partsThatDoNotAddUp() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 7]).split([3, 3], axis: 1)
    }
    expectTrap(result, "split: parts [3, 3] do not add up to extent 7 of axis 1")
  }

  @Test func tooManyOfTheTop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]).topK(4)
    }
    expectTrap(result, "topK: k is 4, but axis 1 of shape [2, 3] has extent 3")
  }

  @Test func indicesThatAreNotWhole() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]).gather(Tensor.zeros([1]))
    }
    expectTrap(result, "gather: indices must be integers, not float32; cast them")
  }

  @Test func indexOutOfRangeWhenReading() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]).gather(Tensor([7])).array(of: Float.self)
    }
    expectTrap(result, "gather: index 7 is outside 0 ..< 2")
  }

  @Test func readingAPlaceholder() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = vmap { (x: Tensor) in x * x.scalar(of: Float.self) }(Tensor([1.0, 2]))
    }
    expectTrap(result, "A tensor of shape [] has no value here: it stands for an argument of a function")
  }

  @Test func batchesOfDifferentSizes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = vmap { (x: Tensor, y: Tensor) in x + y }(Tensor.zeros([2]), Tensor.zeros([3]))
    }
    expectTrap(result, "vmap: batches of 2 and 3 examples; they must be equal")
  }

  @Test func statedDerivativeOfTheWrongShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor.zeros([3])) { x in
        withDerivative(at: [x]) {
          $0[0].sum()
        } pullback: { _, _, cotangent in
          [cotangent]
        }
      }
    }
    expectTrap(result, "withDerivative: the cotangent of input 0 has shape [], the input [3]")
  }
}
