import DescentCore
import DescentKernels

extension DType {
  var kernelType: Int32 {
    switch self {
    case .float32: Int32(DK_FLOAT32.rawValue)
    case .float64: Int32(DK_FLOAT64.rawValue)
    case .int32: Int32(DK_INT32.rawValue)
    case .int64: Int32(DK_INT64.rawValue)
    case .uint8: Int32(DK_UINT8.rawValue)
    case .bool: Int32(DK_BOOL.rawValue)
    }
  }
}

/// The C array a fixed-size struct field is.
func elements<Tuple, T>(_ tuple: UnsafeMutablePointer<Tuple>, of type: T.Type) -> UnsafeMutablePointer<T> {
  UnsafeMutableRawPointer(tuple).assumingMemoryBound(to: type)
}

/// Turns a schedule into calls with resolved pointers.
struct Emitter {
  let schedule: Schedule
  let storage: StoragePlan
  let plan: Plan

  var program: Program { schedule.program }

  func emit() {
    for unit in schedule.units {
      switch unit {
      case .nothing: break
      case .elementwise(let group): emitElementwise(group)
      case .copy(let source, let result): emitCopy(from: source, to: result)
      #if !hasFeature(Embedded)
        case .rounding(let source, let result): emitRounding(from: source, to: result)
      #endif
      case .partialReduction(let position, let source, let result):
        emitReduction(program.instructions[position], of: source, to: result)
      case .kernel(let position, let operands):
        emitKernel(program.instructions[position], position: position, operands: operands)
      }
    }
    emitFinalCopies()
  }

  // MARK: Pointers

  /// Makes a pointer field of an argument block point at an element of a root value.
  func point<P>(_ field: UnsafeMutablePointer<P>, at root: Int, offset: Int = 0) {
    plan.resolve(
      UnsafeMutableRawPointer(field), storage.places[root]!, byteOffset: offset * schedule.value(root).dtype.byteSize)
  }

  func pointAtValue<P>(_ field: UnsafeMutablePointer<P>, _ id: Int) {
    let layout = schedule.value(id).layout
    point(field, at: layout.root, offset: layout.offset)
  }

  #if !hasFeature(Embedded)
    /// The input whose elements a value is made of, if runs leave it as it is.
    func constantInput(_ id: Int) -> Int? {
      guard case .bound(let slot)? = storage.places[schedule.value(id).layout.root], slot < program.inputs.count,
        !program.updates.contains(slot)
      else { return nil }
      return slot
    }
  #endif

  // MARK: Elementwise

  private func emitElementwise(_ group: ElementwiseGroup) {
    var encoder = ElementwiseEncoder(group: group, schedule: schedule)
    let stored = group.instructions.filter { isStored($0, by: group) }
    encoder.encode(stored: stored)
    let shape = group.shape
    // Arrays of one element a row are walked by rows and have no say in how axes join.
    let standIn = shape.rowMajorStrides
    let outputs = stored.map { schedule.destination($0, shape).strides }
    let (joined, joinedStrides) = collapsed(
      shape, encoder.inputs.map { $0.isRow ? standIn : $0.layout.strides } + outputs)
    let (extents, strides, starts) = nests(joined, joinedStrides, depth: Int(DK_MAX_RANK))
    for start in starts { emitPass(group, encoder, storing: stored, extents, strides, from: start) }
  }

  /// Whether a pass puts a value anywhere: in memory, or where it sums it up.
  private func isStored(_ value: Int, by group: ElementwiseGroup) -> Bool {
    #if !hasFeature(Embedded)
      if group.sums.contains(where: { $0.value == value }) { return true }
    #endif
    return storage.stored.contains(schedule.home(value)) && !group.clones.contains(value)
  }

  /// Whether a value that a pass puts somewhere is kept, not only summed up.
  private func hasMemory(_ value: Int, of group: ElementwiseGroup) -> Bool {
    #if hasFeature(Embedded)
      return true
    #else
      return storage.stored.contains(value) || !group.sums.contains { $0.value == value }
    #endif
  }

  /// One pass of a group over a grid that starts at an offset in each input and output.
  private func emitPass(
    _ group: ElementwiseGroup, _ encoder: ElementwiseEncoder, storing stored: [Int], _ extents: [Int],
    _ strides: [[Int]], from start: [Int]
  ) {
    let shape = group.shape
    let arguments = plan.arguments(dk_elementwise_arguments.self)
    arguments.pointee.compute = group.compute.kernelType
    arguments.pointee.rank = Int32(extents.count)
    let extent = elements(&arguments.pointee.extent, of: Int64.self)
    for axis in extents.indices { extent[axis] = Int64(extents[axis]) }
    func fill(
      _ stream: UnsafeMutablePointer<dk_stream>, dtype: DType, isRow: Bool, strides: [Int], root: Int?, offset: Int
    ) {
      stream.pointee.dtype = dtype.kernelType
      stream.pointee.isRow = isRow ? 1 : 0
      let stride = elements(&stream.pointee.stride, of: Int64.self)
      for axis in strides.indices { stride[axis] = Int64(strides[axis]) }
      if let root { point(&stream.pointee.data, at: root, offset: offset) }
    }
    let input = elements(&arguments.pointee.input, of: dk_stream.self)
    for (index, source) in encoder.inputs.enumerated() {
      let layout = source.layout
      fill(
        input + index, dtype: schedule.value(layout.root).dtype, isRow: source.isRow, strides: strides[index],
        root: layout.root, offset: layout.offset + start[index])
    }
    let output = elements(&arguments.pointee.output, of: dk_stream.self)
    let outputOperand = elements(&arguments.pointee.outputOperand, of: UInt8.self)
    for (index, value) in stored.enumerated() {
      let destination = schedule.destination(value, shape)
      fill(
        output + index, dtype: schedule.value(value).dtype, isRow: group.rows.contains(value),
        strides: strides[encoder.inputs.count + index], root: hasMemory(value, of: group) ? destination.root : nil,
        offset: destination.offset + start[encoder.inputs.count + index])
      outputOperand[index] = encoder.operand(of: value)
    }
    encoder.write(to: arguments, outputCount: stored.count)
    let kept = stored.filter { hasMemory($0, of: group) }
    let work = Work.elementwise(
      group, program, bytes: bytesMoved(encoder, shape, storing: kept), fresh: freshBytes(encoder, shape))
    #if !hasFeature(Embedded)
      if !group.sums.isEmpty { return emitSums(group, of: arguments, stored, work) }
    #endif
    plan.add(DK_ELEMENTWISE, arguments, work, name: "elementwise", detail: shapeText(shape) + " " + names(group))
  }

  #if !hasFeature(Embedded)
    private func emitSums(
      _ group: ElementwiseGroup, of pass: UnsafeMutablePointer<dk_elementwise_arguments>, _ stored: [Int], _ work: Work
    ) {
      let arguments = plan.arguments(dk_summing_pass_arguments.self)
      arguments.pointee.pass = UnsafePointer(pass)
      let shape = group.sums[0].shape
      (arguments.pointee.parts, arguments.pointee.rows) = (Int64(shape[0]), Int64(shape[1]))
      arguments.pointee.columns = Int64(shape[2])
      arguments.pointee.count = Int32(group.sums.count)
      let sums = elements(&arguments.pointee.sum, of: dk_column_sum.self)
      for (index, sum) in group.sums.enumerated() {
        guard case .reduce(let reduction, _) = program.instructions[sum.instruction].primitive else { continue }
        sums[index].output = Int32(stored.firstIndex(of: sum.value)!)
        sums[index].reduction = code(reduction)
        point(&sums[index].results, at: sum.result)
      }
      var work = work
      work.nanoseconds += Double(group.sums.count) * Work.stream(group.shape.elementCount, group.compute).nanoseconds
      plan.add(
        DK_SUMMING_PASS, arguments, work, name: "elementwise",
        detail: shapeText(group.shape) + " " + names(group) + ", summed by columns")
    }
  #endif

  // MARK: Copies

  private func emitCopy(from source: Int, to result: Int) {
    let shape = schedule.value(source).shape
    let destination = schedule.destination(result, shape)
    copy(source, shape: shape, toStrides: destination.strides) { field, offset in
      point(field, at: destination.root, offset: destination.offset + offset)
    }
  }

  /// Makes a pointer field of an argument block point at an element, counted from where the elements shall go.
  typealias Destination = (_ field: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ offset: Int) -> Void

  /// Copies a value's elements into memory at the given strides.
  func copy(_ source: Int, shape: [Int], toStrides: [Int], destination: Destination) {
    let (joined, joinedStrides) = collapsed(shape, [schedule.value(source).layout.strides, toStrides])
    let (extents, strides, starts) = nests(joined, joinedStrides, depth: Int(DK_MAX_RANK))
    for start in starts { copyPart(of: schedule.value(source), extents, strides, from: start, to: destination) }
  }

  private func copyPart(
    of value: PlannedValue, _ extents: [Int], _ strides: [[Int]], from start: [Int], to destination: Destination
  ) {
    let arguments = plan.arguments(dk_copy_arguments.self)
    arguments.pointee.elementSize = Int32(value.dtype.byteSize)
    arguments.pointee.rank = Int32(extents.count)
    let extent = elements(&arguments.pointee.extent, of: Int64.self)
    let sourceStride = elements(&arguments.pointee.sourceStride, of: Int64.self)
    let destinationStride = elements(&arguments.pointee.destinationStride, of: Int64.self)
    for axis in extents.indices {
      extent[axis] = Int64(extents[axis])
      sourceStride[axis] = Int64(strides[0][axis])
      destinationStride[axis] = Int64(strides[1][axis])
    }
    point(&arguments.pointee.source, at: value.layout.root, offset: value.layout.offset + start[0])
    destination(&arguments.pointee.destination, start[1])
    plan.add(
      DK_COPY, arguments, .stream(2 * extents.elementCount, value.dtype), name: "copy", detail: shapeText(extents))
  }

  private func emitFinalCopies() {
    // A result that is an input's old value moves aside first if another result overwrites that input.
    let overwritten = Set(program.updates.compactMap { $0 }.map { program.inputs[$0] })
    var staged: [Int: Int] = [:]
    for final in storage.finalCopies {
      let value = schedule.value(final.value)
      guard overwritten.contains(value.layout.root) else { continue }
      let offset = plan.reserveStaging(value.shape.elementCount * value.dtype.byteSize)
      staged[final.output] = offset
      copy(final.value, shape: value.shape, toStrides: value.shape.rowMajorStrides) { field, start in
        plan.resolveStaging(UnsafeMutableRawPointer(field), offset + start * value.dtype.byteSize)
      }
    }
    for final in storage.finalCopies {
      let value = schedule.value(final.value)
      let slot = Place.bound(program.inputs.count + final.output)
      if let offset = staged[final.output] {
        let arguments = plan.arguments(dk_copy_arguments.self)
        arguments.pointee.elementSize = 1
        arguments.pointee.rank = 1
        arguments.pointee.extent.0 = Int64(value.shape.elementCount * value.dtype.byteSize)
        arguments.pointee.sourceStride.0 = 1
        arguments.pointee.destinationStride.0 = 1
        withUnsafeMutablePointer(to: &arguments.pointee.source) {
          plan.resolveStaging(UnsafeMutableRawPointer($0), offset)
        }
        withUnsafeMutablePointer(to: &arguments.pointee.destination) {
          plan.resolve(UnsafeMutableRawPointer($0), slot, byteOffset: 0)
        }
        plan.add(
          DK_COPY, arguments, .stream(2 * value.shape.elementCount, value.dtype), name: "copy",
          detail: shapeText(value.shape))
      } else {
        copy(final.value, shape: value.shape, toStrides: value.shape.rowMajorStrides) { field, start in
          plan.resolve(UnsafeMutableRawPointer(field), slot, byteOffset: start * value.dtype.byteSize)
        }
      }
    }
  }
}
