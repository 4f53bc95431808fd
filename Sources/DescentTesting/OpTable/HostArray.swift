/// Numbers of any rank in plain Swift: what the independent references of the operation table compute with.
package struct HostArray: Sendable {
  package let shape: [Int]
  /// In row-major order.
  package var values: [Double]

  package init(_ shape: [Int], _ values: [Double]) {
    precondition(shape.reduce(1, *) == values.count, "\(values.count) values do not fill \(shape)")
    self.shape = shape
    self.values = values
  }

  /// Every element from its position.
  package init(_ shape: [Int], at element: ([Int]) -> Double) {
    self.init(shape, HostArray.positions(of: shape).map(element))
  }

  /// Every position of a shape in row-major order.
  package static func positions(of shape: [Int]) -> [[Int]] {
    (0..<shape.reduce(1, *)).map { index in
      var rest = index
      var position: [Int] = []
      for extent in shape.reversed() {
        position.append(rest % extent)
        rest /= extent
      }
      return position.reversed()
    }
  }

  package subscript(position: [Int]) -> Double {
    var index = 0
    for (extent, place) in zip(shape, position) { index = index * extent + place }
    return values[index]
  }

  package func mapped(_ function: (Double) -> Double) -> HostArray { HostArray(shape, values.map(function)) }

  /// The element that meets `position` of a result of higher rank: aligned at the last axis, extents of 1 repeat.
  package func broadcastElement(at position: [Int]) -> Double {
    self[zip(shape, position.suffix(shape.count)).map { $0 == 1 ? 0 : $1 }]
  }

  package static func broadcastShape(_ shapes: [[Int]]) -> [Int] {
    let rank = shapes.map(\.count).max() ?? 0
    return (0..<rank).map { axis in
      let extents = shapes.compactMap { shape in
        axis >= rank - shape.count ? shape[axis - (rank - shape.count)] : nil
      }
      return extents.first { $0 != 1 } ?? 1
    }
  }

  /// Element by element over operands that broadcast.
  package static func combining(_ arrays: [HostArray], _ function: ([Double]) -> Double) -> HostArray {
    HostArray(broadcastShape(arrays.map(\.shape))) { position in
      function(arrays.map { $0.broadcastElement(at: position) })
    }
  }

  /// Each group of elements that differ along `axes` only, in row-major order, as one number.
  package func reduced(
    over axes: [Int], keepingAxes: Bool = false, _ function: ([Double]) -> Double
  ) -> HostArray {
    let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
    let inner = HostArray.positions(of: shape.indices.map { axes.contains($0) ? shape[$0] : 1 })
    let result = HostArray(kept) { position in
      function(inner.map { offset in self[zip(position, offset).map(+)] })
    }
    let final = keepingAxes ? kept : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
    return HostArray(final, result.values)
  }

  /// Each line along an axis as another line.
  package func mappingLines(axis: Int, _ function: ([Double]) -> [Double]) -> HostArray {
    guard let extent = shape.indices.contains(axis) ? shape[axis] : nil else { return self }
    func line(_ position: [Int]) -> [Double] {
      (0..<extent).map { place in
        var position = position
        position[axis] = place
        return self[position]
      }
    }
    let length = function([Double](repeating: 0, count: extent)).count
    var result = shape
    result[axis] = length
    return HostArray(result) { position in function(line(position))[position[axis]] }
  }
}
