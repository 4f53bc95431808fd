/// Lines over two axes, such as learning curves.
///
/// ```swift
/// LineChart(
///   "Loss", x: Axis("epoch", isWhole: true), y: Axis("loss", scale: .automatic),
///   series: [PlotSeries("training", losses), PlotSeries("validation", validationLosses)],
///   marks: [.vertical(12, "best epoch, 12")])
/// ```
public struct LineChart: Chart {
  public var title: String
  public var note: String
  public var x: Axis
  public var y: Axis
  public var series: [PlotSeries]
  public var marks: [PlotMark]

  public init(
    _ title: String, x: Axis, y: Axis, series: [PlotSeries], marks: [PlotMark] = [], note: String = ""
  ) {
    self.title = title
    self.note = note
    self.x = x
    self.y = y
    self.series = series
    self.marks = marks
  }

  public func drawing() -> ChartDrawing {
    XYPlot(kind: "Line chart", x: x, y: y, series: series, marks: marks, isSquare: false).drawing()
  }
}

/// Dots over two axes, such as predicted against actual values.
public struct ScatterChart: Chart {
  public var title: String
  public var note: String
  public var x: Axis
  public var y: Axis
  public var series: [PlotSeries]
  public var marks: [PlotMark]
  /// Whether both axes show the same range, in a square.
  public var isSquare: Bool

  public init(
    _ title: String, x: Axis, y: Axis, series: [PlotSeries], marks: [PlotMark] = [], isSquare: Bool = false,
    note: String = ""
  ) {
    self.title = title
    self.note = note
    self.x = x
    self.y = y
    self.series = series.map { series in
      var series = series
      series.style = .dots
      return series
    }
    self.marks = marks
    self.isSquare = isSquare
  }

  /// Predicted against actual numbers, with the line where both agree.
  public init(_ title: String, of quantity: String, actual: [Double], predicted: [Double], note: String = "") {
    self.init(
      title, x: Axis("actual \(quantity)"), y: Axis("predicted \(quantity)"),
      series: [PlotSeries("rows", x: actual, y: predicted)], marks: [.diagonal("predicted = actual")], isSquare: true,
      note: note)
  }

  public func drawing() -> ChartDrawing {
    XYPlot(kind: "Scatter chart", x: x, y: y, series: series, marks: marks, isSquare: isSquare).drawing()
  }
}
