import DescentCore

/// The rows of two tensors.
struct TensorRows: RowSource {
  let count: Int
  let inputs: RowType
  let targets: RowType
  let rowNumbers: [Int]?
  let isInMemory = true
  private let inputMemory: Memory
  private let targetMemory: Memory

  init(inputs: Tensor, targets: Tensor, rowNumbers: [Int]?) {
    count = inputs.shape[0]
    self.inputs = RowType(Array(inputs.shape.dropFirst()), inputs.dtype)
    self.targets = RowType(Array(targets.shape.dropFirst()), targets.dtype)
    self.rowNumbers = rowNumbers
    inputMemory = inputs.memory
    targetMemory = targets.memory
  }

  func readInputs(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) {
    copy(rows, of: inputMemory, into: memory)
  }

  func readTargets(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) {
    copy(rows, of: targetMemory, into: memory)
  }

  /// Calls `body` with the bytes of a row's inputs and of its targets.
  func withBytes<R>(
    of row: Int, _ body: (_ inputs: UnsafeRawBufferPointer, _ targets: UnsafeRawBufferPointer) -> R
  ) -> R {
    inputMemory.withBytes { inputs in
      targetMemory.withBytes { targets in
        body(
          UnsafeRawBufferPointer(row: row, of: inputs, rows: count),
          UnsafeRawBufferPointer(row: row, of: targets, rows: count))
      }
    }
  }

  private func copy(_ rows: ArraySlice<Int>, of memory: Memory, into result: Memory) {
    memory.withBytes { source in
      result.withMutableBytes { target in
        var start = 0
        for row in rows {
          let bytes = UnsafeRawBufferPointer(row: row, of: source, rows: count)
          UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + bytes.count)]).copyMemory(from: bytes)
          start += bytes.count
        }
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate init(row: Int, of bytes: UnsafeRawBufferPointer, rows: Int) {
    let size = bytes.count / rows
    self.init(rebasing: bytes[(row * size)..<((row + 1) * size)])
  }
}
