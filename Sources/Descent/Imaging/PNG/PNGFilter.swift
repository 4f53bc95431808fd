/// The predictions by which the bytes of a PNG's rows are made smaller before they are packed (ISO/IEC 15948, 9.2).
enum PNGFilter: UInt8, CaseIterable {
  case none, left, up, average, paeth

  /// What a byte is expected to be from those left of it, above it and above that on the left.
  @inline(__always)
  func prediction(_ left: UInt8, _ up: UInt8, _ corner: UInt8) -> UInt8 {
    switch self {
    case .none: return 0
    case .left: return left
    case .up: return up
    case .average: return UInt8((Int(left) + Int(up)) / 2)
    case .paeth:
      let guess = Int(left) + Int(up) - Int(corner)
      let (toLeft, toUp, toCorner) = (abs(guess - Int(left)), abs(guess - Int(up)), abs(guess - Int(corner)))
      return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner
    }
  }

  /// Adds the predictions to the bytes of a row, in place.
  ///
  /// - Parameters:
  ///   - above: the row before, already as it was; nil for the first.
  ///   - step: the bytes between a byte and the one left of it.
  func undo(_ row: UnsafeMutableBufferPointer<UInt8>, above: UnsafeMutableBufferPointer<UInt8>?, step: Int) {
    switch self {
    case .none: return
    case .left: undo(.left, row, above, step)
    case .up: undo(.up, row, above, step)
    case .average: undo(.average, row, above, step)
    case .paeth: undo(.paeth, row, above, step)
    }
  }

  /// Inlined with a filter that is known, so that the choice is not made byte by byte.
  @inline(__always)
  private func undo(
    _ filter: PNGFilter, _ row: UnsafeMutableBufferPointer<UInt8>, _ above: UnsafeMutableBufferPointer<UInt8>?,
    _ step: Int
  ) {
    for index in row.indices {
      let left = index < step ? 0 : row[index - step]
      let up = above?[index] ?? 0
      let corner = index < step ? 0 : above?[index - step] ?? 0
      row[index] &+= filter.prediction(left, up, corner)
    }
  }
}
