import DescentCore

/// No array in a file may have more axes.
let mostAxes = 64

/// The extents of an array as a file states them, and their product with `unit`; nil if that cannot be counted.
///
/// An extent of 0 hides no overflow: the operations that follow may drop that axis.
func checkedExtents(_ shape: [UInt64], unit: Int) -> (extents: [Int], size: Int)? {
  var extents: [Int] = []
  var size = unit
  for extent in shape {
    guard let extent = Int(exactly: extent) else { return nil }
    let (product, overflows) = size.multipliedReportingOverflow(by: max(1, extent))
    guard !overflows else { return nil }
    extents.append(extent)
    size = product
  }
  return (extents, shape.contains(0) ? 0 : size)
}

/// What is wrong with a shape that `checkedExtents` refuses.
func tooManyElements(_ shape: [UInt64]) -> String {
  "the shape [\(shape.map { "\($0)" }.joined(separator: ", "))] has more elements than can be counted"
}

extension Memory {
  /// What is wrong with truth values that were read from a file; nil if each is 0 or 1.
  var truthProblem: String? {
    withBytes { bytes in
      bytes.firstIndex { $0 > 1 }.map { "expected truth values of 0 or 1, found \(bytes[$0]) at element \($0)" }
    }
  }
}
