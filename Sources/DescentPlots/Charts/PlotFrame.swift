/// The part of a chart that two axes need: where values go, the marks, the titles and the legend.
struct PlotFrame {
  let x: ScaledAxis
  let y: ScaledAxis
  let area: Box
  let height: Double
  private let xTicks: Ticks
  private let yTicks: Ticks
  private let legend: Legend

  static let width = ChartDrawing.usualWidth

  init(x: ScaledAxis, y: ScaledAxis, legend entries: [Legend.Entry], isSquare: Bool = false) {
    self.x = x
    self.y = y
    legend = Legend(entries, width: Self.width - 12)
    yTicks = y.ticks(atMost: 6)
    let left = max(28, yTicks.widestLabel + 12)
    let room = Self.width - left - 16
    // As many marks as leave a space between their labels.
    xTicks =
      (2...9).reversed().map { x.ticks(atMost: $0) }.first { ticks in
        ticks.all.count < 2
          || (ticks.widestLabel + 14) * Double(ticks.all.count - 1) <= Self.span(of: ticks, on: x) * room
      } ?? x.ticks(atMost: 2)
    let overhang = xTicks.all.last.map { TextWidth.of($0.label) / 2 - (1 - x.position($0.value)) * room } ?? 0
    let top = legend.height + (y.title.isEmpty ? 10 : 28)
    let width = room - max(0, overhang - 12)
    area = Box(left: left, top: top, width: width, height: isSquare ? width : 220)
    height = area.bottom + (x.title.isEmpty ? 26 : 44)
  }

  private static func span(of ticks: Ticks, on axis: ScaledAxis) -> Double {
    guard let first = ticks.all.first, let last = ticks.all.last else { return 1 }
    return axis.position(last.value) - axis.position(first.value)
  }

  /// The place of a value within the area, from its top left corner.
  func place(_ x: Double, _ y: Double) -> Point {
    Point(x: self.x.position(x) * area.width, y: (1 - self.y.position(y)) * area.height)
  }

  func shows(_ point: PlotSeries.Point) -> Bool { x.shows(point.x) && y.shows(point.y) }

  /// Marks, grid, titles and legend; data is drawn over them.
  func draw(on canvas: inout Canvas) {
    legend.draw(on: &canvas)
    let limit = Self.width - 12
    canvas.text(
      TextWidth.clipped(y.title, to: limit), at: Point(x: 4, y: legend.height + 14), "t q", tip: y.title)
    for tick in yTicks.all {
      let height = area.top + place(0, tick.value).y
      canvas.line(Point(x: area.left, y: height), Point(x: area.right, y: height), "grid")
      canvas.text(tick.label, at: Point(x: area.left - 6, y: height + 4.5), anchor: .end)
    }
    for tick in xTicks.all {
      let across = area.left + x.position(tick.value) * area.width
      canvas.line(Point(x: across, y: area.bottom), Point(x: across, y: area.bottom + 5), "axis")
      canvas.text(tick.label, at: Point(x: across, y: area.bottom + 19), anchor: .middle)
    }
    canvas.line(Point(x: area.left, y: area.bottom), Point(x: area.right, y: area.bottom), "axis")
    canvas.text(
      TextWidth.clipped(x.title, to: limit), at: Point(x: area.right, y: area.bottom + 38), "t q", anchor: .end,
      tip: x.title)
  }

  func draw(_ marks: [PlotMark], on canvas: inout Canvas) {
    for (index, mark) in marks.enumerated() {
      let style = "mark m\(index % 2)"
      switch mark {
      case .vertical(let value, _) where x.shows(value):
        let across = x.position(value) * area.width
        canvas.line(Point(x: across, y: 0), Point(x: across, y: area.height), style)
      case .horizontal(let value, _) where y.shows(value):
        let height = (1 - y.position(value)) * area.height
        canvas.line(Point(x: 0, y: height), Point(x: area.width, y: height), style)
      case .diagonal:
        let low = max(x.range.lowerBound, y.range.lowerBound)
        let high = min(x.range.upperBound, y.range.upperBound)
        if low < high { canvas.line(place(low, low), place(high, high), style) }
      default: break
      }
    }
  }

  /// What stands in the area of a chart without anything to draw.
  func drawEmptiness(_ text: String, on canvas: inout Canvas) {
    canvas.text(
      text, at: Point(x: area.left + area.width / 2, y: area.top + area.height / 2), "t q", anchor: .middle)
  }
}
