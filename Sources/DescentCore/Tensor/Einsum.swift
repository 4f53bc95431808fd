/// Sums of products over named axes, in Einstein's notation as in NumPy and PyTorch.
///
/// A letter names an axis of each operand, in order; axes of one name have one extent and run together, a name that
/// occurs twice in one operand takes its diagonal, and names that are not in the result are summed over. Without `->`
/// the result has the names that occur once, in alphabetical order, capitals first. An ellipsis stands for leading axes
/// that broadcast.
///
/// ```swift
/// let product = einsum("ij,jk->ik", a, b)
/// let scores = einsum("...qd,...kd->...qk", queries, keys)
/// let trace = einsum("ii", a)
/// ```
///
/// Operands are contracted from left to right, each pair as one matrix product. Subscripts that do not fit the operands
/// stop the program with what is wrong.
public func einsum(_ subscripts: String, _ operands: Tensor...) -> Tensor { einsum(subscripts, operands) }

/// Sums of products over named axes; see `einsum(_:_:)`.
public func einsum(_ subscripts: String, _ operands: [Tensor]) -> Tensor {
  trapping { () throws(ShapeError) in try tryEinsum(subscripts, operands) }
}

package func tryEinsum(_ subscripts: String, _ operands: [Tensor]) throws(ShapeError) -> Tensor {
  let parsed = try Subscripts(subscripts)
  guard parsed.operands.count == operands.count && !operands.isEmpty else {
    throw ShapeError(
      "einsum", "\"\(subscripts)\" names \(parsed.operands.count) operands, but \(operands.count) were given")
  }
  var dtype = operands.dropFirst().reduce(operands[0].dtype) { DType.promoting($0, $1.dtype) }
  if dtype == .bool || dtype == .uint8 { dtype = .int32 }
  var factors: [LabelledTensor] = []
  for (index, (operand, labels)) in zip(operands, parsed.operands).enumerated() {
    let axes = try labels.axes(of: operand.shape, operand: index)
    factors.append(LabelledTensor(tensor: operand.cast(to: dtype), labels: axes))
  }
  try requireEqualExtents(factors)
  let result = try parsed.resultLabels(of: factors)
  return contracted(factors.map { $0.takingDiagonals() }, to: result)
}

/// The labels of one operand: letters by their code; an ellipsis stands at its place.
private struct Term {
  var labels: [Int] = []
  var ellipsis: Int?

  /// A label for every axis. Those an ellipsis stands for are −1, −2, … from the back, so that they align.
  func axes(of shape: [Int], operand: Int) throws(ShapeError) -> [Int] {
    let covered = shape.count - labels.count
    guard covered == 0 || (covered > 0 && ellipsis != nil) else {
      throw ShapeError(
        "einsum",
        "operand \(operand) of shape \(text(shape)) has \(shape.count) axes, its subscripts name \(labels.count)"
          + (ellipsis == nil ? "" : " and an ellipsis"))
    }
    let place = ellipsis ?? labels.count
    return Array(labels[..<place]) + (0..<covered).map { $0 - covered } + Array(labels[place...])
  }
}

private struct Subscripts {
  var operands: [Term] = [Term()]
  var result: Term?
  private let source: String

  init(_ source: String) throws(ShapeError) {
    self.source = source
    let bytes = Array(source.utf8)
    var position = 0
    func starts(with text: StaticString) -> Bool {
      let end = position + text.utf8CodeUnitCount
      return end <= bytes.count && (position..<end).allSatisfy { bytes[$0] == text.utf8Start[$0 - position] }
    }
    var term = Term()
    while position < bytes.count {
      let byte = bytes[position]
      let isLetter = (byte | 32) >= 97 && (byte | 32) <= 122
      if isLetter {
        term.labels.append(Int(byte))
      } else if byte == 44 && result == nil {  // ,
        operands[operands.count - 1] = term
        operands.append(Term())
        term = Term()
      } else if starts(with: "->") && result == nil {
        operands[operands.count - 1] = term
        result = Term()
        term = Term()
        position += 1
      } else if starts(with: "...") && term.ellipsis == nil {
        term.ellipsis = term.labels.count
        position += 2
      } else if byte != 32 {
        throw ShapeError(
          "einsum",
          "\"\(source)\" cannot be read at character \(position + 1); use letters, one ... an operand, commas between "
            + "operands and one ->")
      }
      position += 1
    }
    if result == nil { operands[operands.count - 1] = term } else { result = term }
  }

  func resultLabels(of factors: [LabelledTensor]) throws(ShapeError) -> [Int] {
    let all = factors.flatMap { $0.labels }
    let broadcast = Set(all.filter { $0 < 0 }).sorted()
    guard let result else {
      return broadcast + Set(all.filter { label in label > 0 && all.filter { $0 == label }.count == 1 }).sorted()
    }
    for (index, label) in result.labels.enumerated() {
      guard all.contains(label) else {
        throw ShapeError("einsum", "the result of \"\(source)\" names \(letter(label)), but no operand does")
      }
      guard !result.labels[..<index].contains(label) else {
        throw ShapeError("einsum", "the result of \"\(source)\" names \(letter(label)) twice")
      }
    }
    guard let place = result.ellipsis else {
      guard broadcast.isEmpty else {
        throw ShapeError("einsum", "the result of \"\(source)\" must have the ellipsis of its operands")
      }
      return result.labels
    }
    return Array(result.labels[..<place]) + broadcast + Array(result.labels[place...])
  }
}

private func letter(_ label: Int) -> String { String(UnicodeScalar(UInt8(label))) }

private func requireEqualExtents(_ factors: [LabelledTensor]) throws(ShapeError) {
  var extents: [Int: Int] = [:]
  for factor in factors {
    for (label, extent) in zip(factor.labels, factor.tensor.shape) {
      let known = extents[label] ?? extent
      guard known == extent || (label < 0 && (known == 1 || extent == 1)) else {
        let name = label < 0 ? "axis \(label) of the ellipsis" : "axis \(letter(label))"
        throw ShapeError("einsum", "\(name) has extents \(known) and \(extent); they must be equal")
      }
      extents[label] = known == 1 ? extent : known
    }
  }
}

/// A factor of the sum, with a label for every axis.
private struct LabelledTensor {
  var tensor: Tensor
  var labels: [Int]

  /// With every label once.
  func takingDiagonals() -> LabelledTensor {
    var result = self
    while let second = result.labels.indices.first(where: { result.labels[..<$0].contains(result.labels[$0]) }) {
      let label = result.labels[second]
      let first = result.labels.firstIndex(of: label)!
      let others = result.labels.indices.filter { $0 != first && $0 != second }
      result.tensor = result.tensor.transposed(others + [first, second]).diagonal()
      result.labels = others.map { result.labels[$0] } + [label]
    }
    return result
  }

  /// Without the axes of the given labels, summed over.
  func summing(_ labels: [Int]) -> LabelledTensor {
    let axes = self.labels.indices.filter { labels.contains(self.labels[$0]) }
    guard !axes.isEmpty else { return self }
    return LabelledTensor(
      tensor: Tensor(.reduce(.sum, axes: axes), tensor), labels: self.labels.filter { !labels.contains($0) })
  }

  /// Without axes of extent 1 that another factor makes longer: what is the same everywhere need not be repeated.
  func dropping(broadcastIn others: [LabelledTensor]) -> LabelledTensor {
    let axes = labels.indices.filter { axis in
      labels[axis] < 0 && tensor.shape[axis] == 1
        && others.contains { other in zip(other.labels, other.tensor.shape).contains { $0 == labels[axis] && $1 != 1 } }
    }
    return LabelledTensor(
      tensor: axes.isEmpty ? tensor : tensor.squeezed(axes: axes),
      labels: labels.indices.filter { !axes.contains($0) }.map { labels[$0] })
  }

  /// With exactly these labels, in this order; those it lacks have extent 1.
  func aligned(to labels: [Int]) -> Tensor {
    let present = labels.filter { self.labels.contains($0) }
    let ordered = tensor.transposed(present.map { self.labels.firstIndex(of: $0)! })
    return ordered.reshaped(labels.map { label in self.labels.firstIndex(of: label).map { tensor.shape[$0] } ?? 1 })
  }
}

/// The product of all factors, summed over what the result does not name.
private func contracted(_ factors: [LabelledTensor], to result: [Int]) -> Tensor {
  let factors = factors.map { $0.dropping(broadcastIn: factors) }
  var product = factors[0]
  for index in factors.indices.dropFirst() {
    let needed = result + factors[(index + 1)...].flatMap { $0.labels }
    product = multiplied(product, factors[index], keeping: needed)
  }
  product = product.summing(product.labels.filter { !result.contains($0) })
  return product.tensor.transposed(result.map { product.labels.firstIndex(of: $0)! })
}

private func multiplied(_ a: LabelledTensor, _ b: LabelledTensor, keeping needed: [Int]) -> LabelledTensor {
  let left = a.summing(a.labels.filter { !b.labels.contains($0) && !needed.contains($0) })
  let right = b.summing(b.labels.filter { !a.labels.contains($0) && !needed.contains($0) })
  let common = left.labels.filter { right.labels.contains($0) }
  let batch = common.filter { needed.contains($0) }
  let summed = common.filter { !needed.contains($0) }
  let free = left.labels.filter { !common.contains($0) } + right.labels.filter { !common.contains($0) }
  let labels = batch + free
  if summed.isEmpty {
    return LabelledTensor(tensor: left.aligned(to: labels) * right.aligned(to: labels), labels: labels)
  }
  func axes(_ factor: LabelledTensor, _ labels: [Int]) -> [Int] { labels.map { factor.labels.firstIndex(of: $0)! } }
  let product = Tensor(
    .dot(
      DotAxes(
        leftBatch: axes(left, batch), rightBatch: axes(right, batch), leftContracting: axes(left, summed),
        rightContracting: axes(right, summed))), left.tensor, right.tensor)
  return LabelledTensor(tensor: product, labels: labels)
}
