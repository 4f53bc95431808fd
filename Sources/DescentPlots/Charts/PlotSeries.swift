/// Points that belong together, drawn as a line or as dots in one colour.
public struct PlotSeries: Sendable {
  public struct Point: Sendable {
    public var x: Double
    public var y: Double

    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  public enum Style: Sendable {
    case line
    case dots
    case lineWithDots
  }

  public var name: String
  public var points: [Point]
  public var style: Style
  /// Where given, an interval about each point, shown as a band.
  public var intervals: [ClosedRange<Double>]?

  public init(
    _ name: String, points: [Point], style: Style = .line, intervals: [ClosedRange<Double>]? = nil
  ) {
    self.name = name
    self.points = points
    self.style = style
    self.intervals = intervals
  }

  /// Values at 1, 2, 3, …, as of epochs.
  public init(_ name: String, _ values: [Double], style: Style = .line) {
    self.init(name, points: values.enumerated().map { Point(Double($0 + 1), $1) }, style: style)
  }

  public init(_ name: String, x: [Double], y: [Double], style: Style = .line) {
    precondition(x.count == y.count, "PlotSeries: \(x.count) values of x for \(y.count) of y")
    self.init(name, points: zip(x, y).map { Point($0, $1) }, style: style)
  }
}

/// A place that a chart points out; the legend says what it is.
public enum PlotMark: Sendable {
  /// A vertical line, such as at the best epoch.
  case vertical(Double, String)
  /// A horizontal line, such as the score of a baseline.
  case horizontal(Double, String)
  /// Where both axes have the same value.
  case diagonal(String)

  var name: String {
    switch self {
    case .vertical(_, let name), .horizontal(_, let name), .diagonal(let name): name
    }
  }
}
