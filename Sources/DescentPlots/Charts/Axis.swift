/// One axis of a chart: what it counts, in which unit, and how.
///
/// ```swift
/// Axis("loss", scale: .logarithmic)
/// Axis("time", unit: "ms", range: 0...20)
/// ```
public struct Axis: Sendable {
  public enum Scale: Sendable {
    case linear
    /// Values that are not above 0 are not drawn, which the chart says.
    case logarithmic
    /// Logarithmic where all values are above 0 and the largest is more than 100 times the least.
    case automatic
  }

  public var title: String
  public var unit: String?
  public var scale: Scale
  /// What the axis shows; nil shows all values.
  public var range: ClosedRange<Double>?
  /// Whether only whole numbers are marked, as for epochs.
  public var isWhole: Bool

  public init(
    _ title: String, unit: String? = nil, scale: Scale = .linear, range: ClosedRange<Double>? = nil,
    isWhole: Bool = false
  ) {
    self.title = title
    self.unit = unit
    self.scale = scale
    self.range = range
    self.isWhole = isWhole
  }

  var text: String { unit.map { "\(title) (\($0))" } ?? title }
}
