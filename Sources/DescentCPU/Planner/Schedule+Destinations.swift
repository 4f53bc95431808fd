#if !hasFeature(Embedded)
  import DescentCore
  import DescentKernels

  // Where all that becomes of a value is a copy, in another order or as a part of a larger value, its unit writes the copy
  // itself: the heads of an attention go side by side, the gradients of its queries, keys and values into one matrix.

  extension Schedule {
    /// Lets units write what would be copied from their results.
    mutating func writeInPlaceOfCopies() {
      var readers: [Int: Int] = [:]
      for index in units.indices { for root in reads(index) { readers[root, default: 0] += 1 } }
      for output in program.outputs { readers[value(output).layout.root, default: 0] += 1 }
      let outputs = Set(program.outputs.map { value($0).layout.root })
      // Copies that lead into larger values go there at once, so those come first.
      for index in units.indices {
        // What is bound to a result's memory must not be written before its time.
        guard case .kernel(let whole, let operands) = units[index],
          case .concatenate(let axis) = program.instructions[whole].primitive, !outputs.contains(whole)
        else { continue }
        let strides = program.instructions[whole].shape.rowMajorStrides
        var start = 0
        for operand in operands {
          let part = value(operand)
          let place = Layout(root: whole, offset: start * strides[axis], strides: strides)
          if part.shape.elementCount > 0 { _ = redirect(operand, to: place, readers) }
          start += part.shape[axis]
        }
      }
      for index in units.indices {
        guard case .copy(let source, let result) = units[index], destinations[result] == nil,
          let unit = redirect(source, to: .dense(result, value(source).shape), readers)
        else { continue }
        units[index] = .nothing
        setUnit(of: result, to: unit)
      }
    }

    /// Makes the only writer of what a view shows write it at a place laid out like the view instead, and gives its unit.
    private mutating func redirect(_ view: Int, to place: Layout, _ readers: [Int: Int]) -> Int? {
      let planned = value(view)
      let root = planned.layout.root
      let unit = value(root).unit
      guard readers[root] == 1, unit >= 0, destinations[root] == nil, value(root).dtype == planned.dtype else {
        return nil
      }
      let shape = value(root).shape
      switch units[unit] {
      case .kernel(let product, let operands):
        guard product == root, case .dot = program.instructions[product].primitive else { return nil }
        return redirectProduct(product, operands, of: planned, to: place) ? unit : nil
      case .elementwise(let group):
        guard group.instructions.contains(root), !group.rows.contains(root), !group.clones.contains(root),
          let strides = placedStrides(of: group.shape, seen: planned, at: place),
          rowsStayWhole(group, strides)
        else { return nil }
        destinations[root] = Layout(root: place.root, offset: place.offset, strides: strides)
        return unit
      case .copy(let source, let result):
        guard result == root, planned.layout.isDense(planned.shape), planned.layout.offset == 0,
          planned.shape.elementCount == shape.elementCount,
          let through = place.reshaped(from: planned.shape, to: value(source).shape)
        else { return nil }
        if let first = redirect(source, to: through, readers) {
          units[unit] = .nothing
          // Nobody writes the copy any more; that it is at home there tells who would read it.
          destinations[root] = place
          return first
        }
        destinations[root] = through
        return unit
      default: return nil
      }
    }

    /// Rows of a pass lie in one piece, and so do at least the elements along its last axis.
    private func rowsStayWhole(_ group: ElementwiseGroup, _ strides: [Int]) -> Bool {
      var length = 1
      var axis = group.shape.count
      while axis > 0 && (length < group.rowLength ?? 2) {
        axis -= 1
        length *= group.shape[axis]
      }
      return mergedStride(Array(group.shape[axis...]), Array(strides[axis...])) == 1
    }

    private mutating func redirectProduct(_ product: Int, _ operands: [Int], of view: PlannedValue, to place: Layout)
      -> Bool
    {
      // [outer, inner, rows, columns]
      let shape = Array(value(operands[0]).shape[..<3]) + [value(operands[1]).shape[3]]
      let batch = shape[0] * shape[1]
      // A batch along one stride may be cut in two.
      let cuts = shape[0] == 1 || shape[1] == 1 ? Set(view.shape.filter { $0 > 0 && batch % $0 == 0 }).sorted() : []
      for cut in [shape[1]] + cuts {
        let factors = [batch / cut, cut, shape[2], shape[3]]
        guard let strides = placedStrides(of: factors, seen: view, at: place) else { continue }
        let isPlain = strides[3] == 1 || factors[3] == 1
        guard isPlain || strides[2] == 1 && isChainEitherWay(product, factors, k: value(operands[0]).shape[3]) else {
          continue
        }
        let matrices = operands.map { cut == shape[1] ? $0 : recut($0, by: cut) }
        // Cᵀ = Bᵀ·Aᵀ: the same sums, stored by columns.
        units[values[product].unit] = .kernel(
          instruction: product, operands: isPlain ? matrices : [turned(matrices[1]), turned(matrices[0])])
        destinations[product] = Layout(
          root: place.root, offset: place.offset,
          strides: isPlain ? Array(strides[..<3]) : [strides[0], strides[1], strides[3]])
        return true
      }
      return false
    }

    private func isChainEitherWay(_ product: Int, _ shape: [Int], k: Int) -> Bool {
      let (dtype, batch) = (program.instructions[product].dtype, shape[0] * shape[1])
      return products.code(dtype, batch: batch, m: shape[2], n: shape[3], k: k) == DK_CHAIN
        && products.code(dtype, batch: batch, m: shape[3], n: shape[2], k: k) == DK_CHAIN
    }

    /// Matrices [1, batch, …] or [batch, 1, …] as [batch / inner, inner, …].
    private mutating func recut(_ matrices: Int, by inner: Int) -> Int {
      var planned = value(matrices)
      var shape = planned.shape
      let stride = planned.layout.strides[shape[0] == 1 ? 1 : 0]
      (planned.layout.strides[0], planned.layout.strides[1]) = (stride * inner, stride)
      (shape[0], shape[1]) = (shape[0] * shape[1] / inner, inner)
      return addValue(PlannedValue(shape: shape, dtype: planned.dtype, layout: planned.layout, unit: planned.unit))
    }

    private mutating func turned(_ matrices: Int) -> Int {
      let planned = value(matrices)
      let order = [0, 1, 3, 2]
      return addValue(
        PlannedValue(
          shape: order.map { planned.shape[$0] }, dtype: planned.dtype, layout: planned.layout.transposed(order),
          unit: planned.unit))
    }

    private mutating func setUnit(of id: Int, to unit: Int) {
      if id < program.instructions.count {
        values[id].unit = unit
      } else {
        copies[id - program.instructions.count].unit = unit
      }
    }

    /// With which strides the elements of a root, taken as factors of its row-major memory, go to a place that is laid out
    /// over the axes of a view of all of them; nil where no strides do.
    private func placedStrides(of factors: [Int], seen view: PlannedValue, at place: Layout) -> [Int]? {
      struct Digit { var extent, from, to: Int }
      // The view's axes from the innermost of the root's memory outwards; they must cover it without a gap.
      var digits: [Digit] = []
      var covered = 1
      while covered < factors.elementCount {
        guard let axis = view.shape.indices.first(where: { view.shape[$0] != 1 && view.layout.strides[$0] == covered })
        else { return nil }
        digits.append(Digit(extent: view.shape[axis], from: covered, to: place.strides[axis]))
        covered *= view.shape[axis]
      }
      guard covered == factors.elementCount && view.shape.elementCount == covered && view.layout.offset == 0 else {
        return nil
      }
      var strides: [Int] = []
      for extent in factors.reversed() {
        var rest = extent
        var stride: Int?
        var filled = 1
        while rest > 1 {
          var digit = digits.removeFirst()
          if digit.extent > rest {
            guard digit.extent % rest == 0 else { return nil }
            digits.insert(
              Digit(extent: digit.extent / rest, from: digit.from * rest, to: digit.to * rest), at: 0)
            digit.extent = rest
          }
          guard rest % digit.extent == 0, stride == nil || digit.to == stride! * filled else { return nil }
          stride = stride ?? digit.to
          filled *= digit.extent
          rest /= digit.extent
        }
        strides.insert(stride ?? 1, at: 0)
      }
      return strides
    }
  }
#endif
