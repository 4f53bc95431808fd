import DescentCore

/// What the network is told about a point (x, y).
public enum PointFeature: Int, Sendable, CaseIterable {
  case x, y, xSquared, ySquared, product, sineOfX, sineOfY
}

extension [PointFeature] {
  /// [points, 2] → [points, features].
  func callAsFunction(_ points: Tensor) -> Tensor {
    let x = points.slice(axis: 1, from: 0, count: 1)  // [points, 1]
    let y = points.slice(axis: 1, from: 1, count: 1)  // [points, 1]
    let columns = map { feature in
      switch feature {
      case .x: x
      case .y: y
      case .xSquared: x.squared()
      case .ySquared: y.squared()
      case .product: x * y
      case .sineOfX: x.sin()
      case .sineOfY: y.sin()
      }
    }
    return .concatenate(columns, axis: 1)  // [points, features]
  }
}
