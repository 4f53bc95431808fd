import DescentCPU
public import DescentCore

extension Tensor: CustomStringConvertible {
  /// The elements as NumPy would print them, with shape and element type:
  ///
  ///     tensor([[1. , 2.5],
  ///             [3. , 4. ]], shape: [2, 2], float32)
  ///
  /// Numbers are the shortest that read back as the same element, to at most eight decimals, aligned at the point.
  /// Of more than 1000 elements only the first and last three along each axis are shown. Printing evaluates the tensor.
  public var description: String {
    let kind = "shape: \(shape), \(dtype.name)"
    if count == 0 { return "tensor([], \(kind))" }
    let printer = TensorPrinter(self)
    return "tensor(\(printer.text(indent: 7)), \(kind))"
  }
}

/// Lays out the elements of one tensor.
private struct TensorPrinter {
  private static let lineWidth = 100
  private static let edgeCount = 3
  private static let threshold = 1000

  private let shape: [Int]
  private let cells: [Int: String]
  private let isSummarized: Bool

  init(_ tensor: Tensor) {
    shape = tensor.shape
    isSummarized = tensor.count > Self.threshold
    let memory = tensor.memory
    let shown = Self.shownOffsets(tensor.shape, isSummarized: isSummarized)
    let isFloat32 = tensor.dtype == .float32
    let texts: [String]
    switch tensor.dtype {
    case .float32, .float64:
      texts = NumberColumn.format(
        shown.map { offset in
          let value = memory[offset].real
          return DecimalNumber(value, shortest: isFloat32 ? Float(value).description : value.description)
        })
    case .bool: texts = NumberColumn.aligned(shown.map { memory[$0].integer != 0 ? "true" : "false" })
    case .int32, .int64, .uint8: texts = NumberColumn.aligned(shown.map { String(memory[$0].integer) })
    }
    cells = Dictionary(uniqueKeysWithValues: zip(shown, texts))
  }

  func text(indent: Int) -> String { text(axis: 0, offset: 0, indent: indent) }

  private func text(axis: Int, offset: Int, indent: Int) -> String {
    guard axis < shape.count else { return cells[offset]! }
    let stride = shape[(axis + 1)...].reduce(1, *)
    let positions = Self.shownPositions(shape[axis], isSummarized: isSummarized)
    var items = positions.map { text(axis: axis + 1, offset: offset + $0 * stride, indent: indent + 1) }
    if positions.count < shape[axis] { items.insert("...", at: Self.edgeCount) }
    let padding = String(repeating: " ", count: indent + 1)
    guard axis == shape.count - 1 else {
      let gap = String(repeating: "\n", count: shape.count - 1 - axis)
      return "[" + items.joined(separator: "," + gap + padding) + "]"
    }
    var lines: [String] = []
    var line = ""
    for (index, item) in items.enumerated() {
      let piece = index == items.count - 1 ? item : item + ","
      if !line.isEmpty && indent + line.count + piece.count + 2 > Self.lineWidth {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? piece : " " + piece
    }
    return "[" + (lines + [line]).joined(separator: "\n" + padding) + "]"
  }

  private static func shownPositions(_ extent: Int, isSummarized: Bool) -> [Int] {
    guard isSummarized && extent > 2 * edgeCount else { return Array(0..<extent) }
    return Array(0..<edgeCount) + Array((extent - edgeCount)..<extent)
  }

  private static func shownOffsets(_ shape: [Int], isSummarized: Bool) -> [Int] {
    var offsets = [0]
    var stride = shape.reduce(1, *)
    for extent in shape {
      stride /= extent
      let positions = shownPositions(extent, isSummarized: isSummarized)
      offsets = offsets.flatMap { offset in positions.map { offset + $0 * stride } }
    }
    return offsets
  }
}
