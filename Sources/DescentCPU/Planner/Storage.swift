import DescentCore

/// Where a root value's elements are kept while the plan runs.
enum Place {
  /// In the plan's own arena, at a byte offset.
  case arena(Int)
  /// In memory bound at each run: inputs first, then outputs.
  case bound(Int)
  /// In the plan's table of numbers, by position.
  case literal(Int)
}

/// A result that no unit writes where it belongs, and is copied there at the end.
struct FinalCopy {
  let value: Int
  let output: Int
}

/// Assigns memory: which values live where, how long, and what may overwrite what.
struct StoragePlan {
  private(set) var places: [Int: Place] = [:]
  private(set) var arenaBytes = 0
  private(set) var literals: [(value: ScalarValue, dtype: DType)] = []
  private(set) var finalCopies: [FinalCopy] = []
  /// Roots whose elements must be in memory because something outside their unit reads them.
  private(set) var stored: Set<Int> = []

  private let schedule: Schedule
  private var lastRead: [Int: Int] = [:]
  private var free: [(offset: Int, bytes: Int)] = []

  init(_ schedule: Schedule) {
    self.schedule = schedule
    placeLeaves()
    findReads()
    bindOutputs()
    fillArena()
  }

  private var program: Program { schedule.program }

  private mutating func placeLeaves() {
    for (index, position) in program.inputs.enumerated() { places[position] = .bound(index) }
    for (position, instruction) in program.instructions.enumerated() {
      if case .literal(let value, let dtype) = instruction.primitive {
        places[position] = .literal(literals.count)
        literals.append((value, dtype))
      }
    }
  }

  private mutating func findReads() {
    for index in schedule.units.indices {
      for root in schedule.reads(index) {
        lastRead[root] = index
        stored.insert(root)
      }
    }
    for output in program.outputs {
      let root = schedule.value(output).layout.root
      lastRead[root] = .max
      stored.insert(root)
    }
  }

  // MARK: Outputs

  /// The last unit that may find an index out of range. One that looks up what an earlier unit has checked does not.
  private func lastCheck() -> Int {
    var checked: [(indices: Int, extent: Int)] = []
    var last = -1
    for (index, unit) in schedule.units.enumerated() {
      guard case .kernel(let position, _) = unit else { continue }
      let instruction = program.instructions[position]
      let looked: [Int]
      let extent: Int
      switch instruction.primitive {
      case .gather(let axis, _):
        looked = instruction.shape
        extent = program.instructions[instruction.operands[0]].shape[axis]
      case .scatterAdd(_, _, let count):
        looked = program.instructions[instruction.operands[0]].shape
        extent = count
      default: continue
      }
      let indices = instruction.operands[1]
      let isKnown = checked.contains { $0.indices == indices && $0.extent == extent }
      guard !isKnown && looked.elementCount > 0 else { continue }
      checked.append((indices, extent))
      last = index
    }
    return last
  }

  private mutating func bindOutputs() {
    var early: [FinalCopy] = []
    var late: [FinalCopy] = []
    let lastCheck = lastCheck()
    for (output, value) in program.outputs.enumerated() {
      let planned = schedule.value(value)
      let root = planned.layout.root
      let isOwnMemory =
        places[root] == nil && planned.layout.offset == 0 && planned.layout.isDense(planned.shape)
        && schedule.value(root).shape.elementCount == planned.shape.elementCount
      let slot = program.inputs.count + output
      // A run that stops at an index must leave every parameter as it was.
      let isChecked = schedule.value(root).unit > lastCheck
      if isOwnMemory, program.updates[output].map({ isChecked && canOverwrite(input: $0, with: root) }) ?? true {
        places[root] = .bound(slot)
      } else if program.updates[output] == nil {
        early.append(FinalCopy(value: value, output: output))
      } else {
        late.append(FinalCopy(value: value, output: output))
      }
    }
    // Plain results are copied before parameters change under them.
    finalCopies = early + late
  }

  /// Whether writing a root straight into an input's memory destroys nothing that is still read.
  private func canOverwrite(input: Int, with root: Int) -> Bool {
    let source = program.inputs[input]
    let writer = schedule.value(root).unit
    guard let last = lastRead[source] else { return true }
    if last < writer { return true }
    guard last == writer, case .elementwise(let group) = schedule.units[writer], group.instructions.contains(root)
    else {
      return false
    }
    return readsDensely(source, in: group, count: schedule.value(root).shape.elementCount)
  }

  /// Whether a pass reads each element of a root only where it would write it.
  private func readsDensely(_ root: Int, in group: ElementwiseGroup, count: Int) -> Bool {
    schedule.value(root).shape.elementCount == count && group.shape.elementCount == count
      && group.instructions.flatMap { program.instructions[$0].operands }.allSatisfy { operand in
        let value = schedule.value(operand)
        return value.layout.root != root || (value.layout.offset == 0 && value.layout.isDense(value.shape))
      }
  }

  // MARK: The arena

  private mutating func fillArena() {
    var dying: [Int: [Int]] = [:]
    var owner: [Int: (offset: Int, bytes: Int)] = [:]
    for index in schedule.units.indices {
      let ending = schedule.reads(index).filter { lastRead[$0] == index && owner[$0] != nil }
      var reusable: [Int] = []
      for root in ending where !reusable.contains(root) { reusable.append(root) }
      for root in schedule.writes(index) where stored.contains(root) && places[root] == nil {
        let planned = schedule.value(root)
        let bytes = aligned(planned.shape.elementCount * planned.dtype.byteSize)
        if case .elementwise(let group) = schedule.units[index], group.instructions.contains(root),
          let place = reusable.firstIndex(where: { donor in
            schedule.value(donor).dtype.byteSize == planned.dtype.byteSize
              && readsDensely(donor, in: group, count: planned.shape.elementCount)
          })
        {
          owner[root] = owner.removeValue(forKey: reusable.remove(at: place))
          places[root] = .arena(owner[root]!.offset)
        } else {
          let offset = allocate(bytes)
          owner[root] = (offset, bytes)
          places[root] = .arena(offset)
        }
        dying[lastRead[root] ?? index, default: []].append(root)
      }
      for root in dying.removeValue(forKey: index) ?? [] {
        if let region = owner.removeValue(forKey: root) { release(region) }
      }
    }
  }

  private func aligned(_ bytes: Int) -> Int { (Swift.max(bytes, 1) + 63) & ~63 }

  private mutating func allocate(_ bytes: Int) -> Int {
    var best: Int?
    for index in free.indices where free[index].bytes >= bytes {
      if best.map({ free[index].bytes < free[$0].bytes }) ?? true { best = index }
    }
    guard let best else {
      let offset = arenaBytes
      arenaBytes += bytes
      return offset
    }
    let offset = free[best].offset
    free[best].offset += bytes
    free[best].bytes -= bytes
    if free[best].bytes == 0 { free.remove(at: best) }
    return offset
  }

  private mutating func release(_ region: (offset: Int, bytes: Int)) {
    let place = free.firstIndex { $0.offset > region.offset } ?? free.count
    free.insert(region, at: place)
    if place + 1 < free.count, free[place].offset + free[place].bytes == free[place + 1].offset {
      free[place].bytes += free[place + 1].bytes
      free.remove(at: place + 1)
    }
    if place > 0, free[place - 1].offset + free[place - 1].bytes == free[place].offset {
      free[place - 1].bytes += free[place].bytes
      free.remove(at: place)
    }
  }
}
