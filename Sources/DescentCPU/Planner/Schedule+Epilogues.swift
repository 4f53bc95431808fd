#if !hasFeature(Embedded)
  import DescentCore

  /// What the kernel of a product or a convolution does to each element before it stores it: adds a bias, then another
  /// array, then cuts off what is negative.
  struct Epilogue {
    let product: Int
    /// The value that the kernel stores, in place of the product.
    var result: Int
    /// One number for each column.
    var bias: Int?
    var residual: Int?
    var isReLU = false
  }

  extension Schedule {
    /// Passes over a product that nothing else reads become part of its kernel.
    mutating func fuseEpilogues() {
      let readers = memoryReaders()
      for index in units.indices {
        guard case .kernel(let product, let operands) = units[index], takesEpilogue(product, operands),
          let reader = readers[product], reader.count == 1, reader[0] != Schedule.outside,
          case .elementwise(var group) = units[reader[0]], group.rowLength == nil, group.clones.isEmpty,
          !group.instructions.contains(where: { destinations[$0] != nil })
        else { continue }
        func isStored(_ position: Int) -> Bool { !(readers[position] ?? []).isEmpty }
        var epilogue = Epilogue(product: product, result: product)
        var absorbed: Set<Int> = []
        while !isStored(epilogue.result) || absorbed.isEmpty,
          let next = extended(epilogue, by: group, before: index, isStored: isStored)
        {
          absorbed.formUnion(next.absorbed)
          epilogue = next.epilogue
        }
        guard !absorbed.isEmpty else { continue }
        group.instructions.removeAll { absorbed.contains($0) }
        units[reader[0]] = group.instructions.isEmpty ? .nothing : .elementwise(group)
        epilogues[product] = epilogue
        for position in values.indices where values[position].layout.root == epilogue.result {
          values[position].unit = index
        }
        for copy in copies.indices where copies[copy].layout.root == epilogue.result { copies[copy].unit = index }
      }
    }

    private func takesEpilogue(_ product: Int, _ operands: [Int]) -> Bool {
      let planned = values[product]
      guard planned.dtype.isFloat, planned.layout.isDense(planned.shape), destinations[product] == nil else {
        return false
      }
      switch program.instructions[product].primitive {
      case .dot: return planned.shape.last == value(operands[1]).shape[3]
      case .convolution(let window):
        let (x, w) = (value(operands[0]), value(operands[1]))
        return window.groups * window.batchGroups == 1 && (planned.shape.last ?? 1) > 1
          && !window.isOverPixels(x, w, planned.shape)
      default: return false
      }
    }

    /// One step more of a group's instructions on a kernel's result, and which instructions that takes the place of.
    private func extended(
      _ epilogue: Epilogue, by group: ElementwiseGroup, before unit: Int, isStored: (Int) -> Bool
    ) -> (epilogue: Epilogue, absorbed: [Int])? {
      let readers = group.instructions.filter { position in
        program.instructions[position].operands.contains { value($0).layout.root == epilogue.result }
      }
      guard let first = readers.first, !epilogue.isReLU else { return nil }
      let isWhole = { (operand: Int) in
        let planned = value(operand)
        return planned.layout.root == epilogue.result && planned.layout.offset == 0 && planned.shape == group.shape
          && planned.layout.isDense(planned.shape)
      }
      let instruction = program.instructions[first]
      let columns = program.instructions[epilogue.product].shape.last ?? 1
      var next = epilogue
      switch instruction.primitive {
      case .binary(.add) where readers.count == 1:
        guard let place = instruction.operands.firstIndex(where: isWhole) else { return nil }
        let other = instruction.operands[1 - place]
        let planned = value(other)
        guard planned.layout.root != epilogue.result, planned.unit < unit, !isLiteral(planned.layout.root),
          planned.dtype == instruction.dtype, group.shape.last == columns
        else { return nil }
        let strides = planned.layout.strides
        let isBias = strides.last == 1 && zip(strides, group.shape).dropLast().allSatisfy { $0 == 0 || $1 == 1 }
        if isBias, columns > 1, next.bias == nil, next.residual == nil {
          next.bias = other
        } else if planned.layout.isDense(planned.shape), next.residual == nil, takesResidual(epilogue) {
          next.residual = other
        } else {
          return nil
        }
        next.result = first
        return (next, [first])
      case .binary(.lessEqual) where readers.count == 2:
        guard isWhole(instruction.operands[0]), isZero(instruction.operands[1]) else { return nil }
        let choice = program.instructions[readers[1]]
        guard case .select = choice.primitive, !isStored(first), value(choice.operands[0]).layout.root == first,
          isZero(choice.operands[1]), isWhole(choice.operands[2]),
          group.instructions.filter({ program.instructions[$0].operands.contains { value($0).layout.root == first } })
            == [readers[1]]
        else { return nil }
        next.result = readers[1]
        next.isReLU = true
        return (next, [first, readers[1]])
      default: return nil
      }
    }

    private func takesResidual(_ epilogue: Epilogue) -> Bool {
      if case .dot = program.instructions[epilogue.product].primitive { true } else { false }
    }

    private func isZero(_ operand: Int) -> Bool {
      let root = value(operand).layout.root
      guard root < program.instructions.count, case .literal(let number, _) = program.instructions[root].primitive
      else { return false }
      return number.real == 0
    }
  }
#endif
