import DescentCore

/// A tensor as PyTorch describes one: elements of a storage, of which other tensors may show the same or other ones.
struct PyTorchView {
  /// A place in `PickleMachine.storages`.
  let storage: Int
  let element: PyTorchElement
  /// Where its first element is, counted in elements.
  let offset: Int
  let shape: [Int]
  /// How many elements further the next one along each axis is: 0 where all along the axis are the same.
  let strides: [Int]

  /// What is wrong with it, given the number of elements in its storage; nil if all its elements are there.
  func problem(storageCount: Int) -> String? {
    guard shape.count == strides.count else {
      return "expected as many strides as extents, found the strides \(text(strides)) for the shape \(text(shape))"
    }
    guard shape.count <= mostAxes else { return "expected at most \(mostAxes) axes, found \(shape.count)" }
    guard offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
      return "expected an offset, a shape and strides of at least 0, found \(offset), \(text(shape)) and "
        + text(strides)
    }
    // Counted as elements of eight bytes, so that they can also be widened.
    guard checkedExtents(shape.map { UInt64($0) }, unit: 8) != nil else {
      return tooManyElements(shape.map { UInt64($0) })
    }
    guard !shape.contains(0) else { return nil }
    var last = offset
    for (extent, stride) in zip(shape, strides) {
      let (distance, overflows) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, carries) = last.addingReportingOverflow(distance)
      guard !overflows, !carries, sum < storageCount else {
        return "the shape \(text(shape)) with the strides \(text(strides)) from element \(offset) on reaches beyond "
          + "the \(counted(storageCount, "element")) of its storage"
      }
      last = sum
    }
    guard last < storageCount else {
      return "expected it to begin in its storage of \(counted(storageCount, "element")), found element \(offset)"
    }
    return nil
  }

  /// The bytes of the tensor it becomes.
  var byteCount: Int { shape.elementCount * element.tensorType.byteSize }

  /// Whether it is all of its storage, in order and without a conversion.
  func isWhole(storageCount: Int) -> Bool {
    guard shape.elementCount == storageCount, element.byteSize == element.tensorType.byteSize else { return false }
    var stride = 1
    for (extent, found) in zip(shape, strides).reversed() where extent != 1 {
      guard found == stride else { return false }
      stride *= extent
    }
    return offset == 0
  }

  // MARK: - Elements

  /// Its elements, from all the bytes of its storage.
  func elements(of bytes: Memory) -> Memory {
    let memory = Memory(element.tensorType, count: shape.elementCount)
    switch element {
    case .float64, .int64: fill(memory, bytes) { (bits: UInt64) in bits }
    case .float32, .int32: fill(memory, bytes) { (bits: UInt32) in bits }
    case .uint8, .bool: fill(memory, bytes) { (bits: UInt8) in bits }
    case .float16: fill(memory, bytes) { (bits: UInt16) in float32(halfBits: bits) }
    case .bfloat16: fill(memory, bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .int16: fill(memory, bytes) { (bits: Int16) in Int32(bits) }
    case .int8: fill(memory, bytes) { (bits: Int8) in Int32(bits) }
    case .uint16: fill(memory, bytes) { (bits: UInt16) in Int32(bits) }
    case .uint32: fill(memory, bytes) { (bits: UInt32) in Int64(bits) }
    }
    return memory
  }

  private func fill<Bits: FixedWidthInteger & BitwiseCopyable, Element: BitwiseCopyable>(
    _ memory: Memory, _ bytes: Memory, _ element: (Bits) -> Element
  ) {
    guard memory.count > 0 else { return }
    let inner = shape.last ?? 1
    let stride = strides.last ?? 0
    bytes.withBytes { source in
      memory.withMutableBytes { target in
        let elements = target.assumingMemoryBound(to: Element.self)
        var index = [Int](repeating: 0, count: max(0, shape.count - 1))
        var start = offset
        for row in Swift.stride(from: 0, to: memory.count, by: inner) {
          for column in 0..<inner {
            let place = (start + column * stride) * MemoryLayout<Bits>.size
            let bits = source.loadUnaligned(fromByteOffset: place, as: Bits.self)
            elements[row + column] = element(Bits(littleEndian: bits))
          }
          advance(&index, &start)
        }
      }
    }
  }

  /// Goes to the next row: the index counts along all axes but the last, and the start is where the row begins.
  private func advance(_ index: inout [Int], _ start: inout Int) {
    for axis in index.indices.reversed() {
      index[axis] += 1
      start += strides[axis]
      if index[axis] < shape[axis] { return }
      start -= index[axis] * strides[axis]
      index[axis] = 0
    }
  }
}
