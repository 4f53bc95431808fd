/// A tensor as the interpreter holds it: plain numbers in row-major order, reals or integers as its type says.
struct HostValue {
  let shape: [Int]
  let dtype: DType
  var reals: [Double] = []
  var integers: [Int64] = []

  init(_ shape: [Int], _ dtype: DType) {
    self.shape = shape
    self.dtype = dtype
    if dtype.isFloat {
      reals = [Double](repeating: 0, count: shape.elementCount)
    } else {
      integers = [Int64](repeating: 0, count: shape.elementCount)
    }
  }

  init(_ buffer: Memory, shape: [Int]) {
    self.init(shape, buffer.dtype)
    for index in 0..<buffer.count { self[index] = buffer[index] }
  }

  /// Rounds to the element type on writing.
  subscript(index: Int) -> ScalarValue {
    get { dtype.isFloat ? .real(reals[index]) : .integer(integers[index]) }
    set {
      let value = newValue.converted(to: dtype)
      if dtype.isFloat { reals[index] = value.real } else { integers[index] = value.integer }
    }
  }

  var count: Int { shape.elementCount }

  /// The numbers that products multiply.
  func multiplied(in precision: Precision) -> HostValue {
    #if hasFeature(Embedded)
      return self
    #else
      guard dtype == .float32 else { return self }
      var result = self
      for index in reals.indices { result.reals[index] = Double(precision.operand(Float(reals[index]))) }
      return result
    #endif
  }

  func write(to buffer: Memory) {
    for index in 0..<count { buffer[index] = self[index] }
  }

  /// Every element from the one at a position of this shape that `source` names.
  func rearranged(to shape: [Int], _ source: ([Int]) -> [Int]?) -> HostValue {
    var result = HostValue(shape, dtype)
    let strides = self.shape.rowMajorStrides
    forEachPosition(of: shape) { index, position in
      if let from = source(position) { result[index] = self[offset(from, strides)] }
    }
    return result
  }
}

/// Calls `body` with every position of a shape in row-major order.
func forEachPosition(of shape: [Int], _ body: (_ index: Int, _ position: [Int]) -> Void) {
  var position = [Int](repeating: 0, count: shape.count)
  for index in 0..<shape.elementCount {
    body(index, position)
    var axis = shape.count - 1
    while axis >= 0 {
      position[axis] += 1
      if position[axis] < shape[axis] { break }
      position[axis] = 0
      axis -= 1
    }
  }
}

func offset(_ position: [Int], _ strides: [Int]) -> Int {
  var result = 0
  for axis in position.indices { result += position[axis] * strides[axis] }
  return result
}
