#if !hasFeature(Embedded)
  import DescentCore

  // A large intermediate value that is cheap to compute is computed again where it is needed, not written to memory and
  // read back: a product or a sum costs some 0.03 ns an element, a trip to memory some 0.5 ns. Without this the passes
  // forward would store everything that the passes backward ask for.

  extension Schedule {
    /// Smaller values stay in the caches, where reading costs no more than computing.
    private static let leastBytes = 1 << 17
    private static let mostSteps = 5

    mutating func recomputeCheapValues() {
      var readers = memoryReaders()
      for (position, instruction) in program.instructions.enumerated() {
        guard isCheap(instruction.primitive), let units = readers[position], units.first != Schedule.outside,
          values[position].isFusible, case .elementwise(let owner) = self.units[values[position].unit],
          !owner.rows.contains(position), destinations[position] == nil
        else { continue }
        // A pass that computes nothing else moves into its only reader whatever it reads.
        let moves = units.count == 1 && owner.instructions == [position]
        let bytes = instruction.shape.elementCount * instruction.dtype.byteSize
        guard moves || bytes >= Schedule.leastBytes else { continue }
        let groups = units.map {
          recomputing(position, in: $0, like: owner, readers, newArrays: moves ? Schedule.mostOperands : 1)
        }
        guard groups.allSatisfy({ $0 != nil }) else { continue }
        for (unit, group) in zip(units, groups) {
          let before = Set(reads(unit))
          self.units[unit] = .elementwise(group!)
          let after = Set(reads(unit))
          for root in before.subtracting(after) { readers[root]?.removeAll { $0 == unit } }
          for root in after.subtracting(before) { readers[root, default: []].append(unit) }
        }
        readers[position] = nil
      }
      removeUnused(readers)
    }

    /// A reader that is no unit: the value is a result of the program.
    static let outside = -1

    /// The units that read each root from memory.
    func memoryReaders() -> [Int: [Int]] {
      var readers: [Int: [Int]] = [:]
      for output in program.outputs { readers[value(output).layout.root] = [Schedule.outside] }
      for index in units.indices {
        for root in Set(reads(index)) { readers[root, default: []].append(index) }
      }
      return readers
    }

    private func isCheap(_ primitive: Primitive) -> Bool {
      switch primitive {
      case .unary(.negate), .unary(.abs), .unary(.sign), .unary(.not), .select, .convert: true
      case .binary(let function): function != .power && function != .divide
      default: false
      }
    }

    /// A unit's group with everything added that computes a value there, if that spares memory.
    private func recomputing(
      _ position: Int, in unit: Int, like owner: ElementwiseGroup, _ readers: [Int: [Int]],
      newArrays mostArrays: Int
    ) -> ElementwiseGroup? {
      guard case .elementwise(var group) = units[unit], group.compute == owner.compute, group.shape == owner.shape,
        group.rowLength == nil || owner.rowLength == nil || group.rowLength == owner.rowLength
      else { return nil }
      let size = group.instructions.count
      var newArrays = 0
      var waiting = [position]
      while let next = waiting.popLast() {
        if group.instructions.contains(next) { continue }
        guard group.instructions.count - size < Schedule.mostSteps else { return nil }
        group.instructions.append(next)
        group.clones.insert(next)
        for operand in program.instructions[next].operands {
          let planned = value(operand)
          let root = planned.layout.root
          if group.operands.contains(operand) || form(of: operand, in: group) != nil { continue }
          guard planned.unit < unit else { return nil }
          if isLiteral(root) || value(root).shape.elementCount * 16 <= group.shape.elementCount {
            group.operands.insert(operand)
          } else if readers[root] != nil || value(root).unit < 0 || !isElementwise(root) {
            newArrays += 1
            group.operands.insert(operand)
          } else if root == operand, isCheap(program.instructions[root].primitive), values[root].isFusible,
            planned.shape == group.shape
          {
            waiting.append(root)
          } else {
            return nil
          }
        }
      }
      // The value must become a register wherever the group reads it.
      for reader in group.instructions {
        for operand in program.instructions[reader].operands where value(operand).layout.root == position {
          guard form(of: operand, in: group) == .full else { return nil }
        }
      }
      group.instructions.sort()
      return newArrays <= mostArrays && group.instructions.count <= Schedule.mostInstructions
        && group.operands.count <= Schedule.mostOperands ? group : nil
    }

    private func isElementwise(_ root: Int) -> Bool {
      guard root < program.instructions.count, values[root].unit >= 0 else { return false }
      if case .elementwise = units[values[root].unit] { return true }
      return false
    }

    /// Drops what a unit computes for nobody.
    private mutating func removeUnused(_ stored: [Int: [Int]]) {
      var readers = stored
      for index in units.indices.reversed() {
        guard case .elementwise(var group) = units[index] else { continue }
        var used: Set<Int> = []
        var kept: [Int] = []
        for position in group.instructions.reversed() {
          let isRead = !(readers[position] ?? []).isEmpty || destinations[position] != nil
          let isStored = !group.clones.contains(position) && isRead
          guard isStored || used.contains(position) else { continue }
          kept.append(position)
          for operand in program.instructions[position].operands { used.insert(value(operand).layout.root) }
        }
        guard kept.count < group.instructions.count else { continue }
        let before = Set(reads(index))
        group.instructions = kept.reversed()
        units[index] = group.instructions.isEmpty ? .nothing : .elementwise(group)
        for root in before.subtracting(reads(index)) { readers[root]?.removeAll { $0 == index } }
      }
    }
  }
#endif
