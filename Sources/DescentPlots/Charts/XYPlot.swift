/// Series over two axes, as line charts and scatter charts draw them.
struct XYPlot {
  let kind: String
  let x: Axis
  let y: Axis
  let series: [PlotSeries]
  let marks: [PlotMark]
  let isSquare: Bool

  /// More dots than this are thinned out, and more points of a line drawn by what each of its columns spans.
  private static let mostDots = 4000
  /// Up to so many points say their values under the pointer.
  private static let mostTips = 600

  func drawing() -> ChartDrawing {
    let frame = makeFrame()
    var canvas = Canvas()
    frame.draw(on: &canvas)
    let drawable = series.map { series in series.points.filter(frame.shows) }
    let count = drawable.reduce(0) { $0 + $1.count }
    canvas.clipped(to: frame.area) { inner in
      frame.draw(marks, on: &inner)
      for (index, series) in series.enumerated() { draw(series, index, frame, on: &inner) }
      if count <= Self.mostTips { drawTips(drawable, frame, on: &inner) }
    }
    if count == 0 { frame.drawEmptiness("There is nothing to draw.", on: &canvas) }
    return ChartDrawing(
      width: PlotFrame.width, height: frame.height, body: canvas.body, description: description(frame, drawable),
      remarks: remarks(frame))
  }

  private func makeFrame() -> PlotFrame {
    let points = series.flatMap(\.points)
    var (across, up) = (points.map(\.x), points.map(\.y))
    for case .horizontal(let value, _) in marks where value.isFinite { up.append(value) }
    for case .vertical(let value, _) in marks where value.isFinite { across.append(value) }
    up += series.flatMap { $0.intervals ?? [] }.flatMap { [$0.lowerBound, $0.upperBound] }
    if isSquare { (across, up) = (across + up, across + up) }
    let lines = series.count > 1 || !marks.isEmpty ? series : []
    let entries =
      lines.enumerated().map { index, series in
        Legend.Entry(name: series.name, sample: series.style == .dots ? .dots(index) : .line(index))
      } + marks.enumerated().map { Legend.Entry(name: $1.name, sample: .mark($0)) }
    return PlotFrame(
      x: ScaledAxis(x, values: across), y: ScaledAxis(y, values: up), legend: entries, isSquare: isSquare)
  }

  private func draw(_ series: PlotSeries, _ index: Int, _ frame: PlotFrame, on canvas: inout Canvas) {
    let style = seriesStyle(index)
    drawBand(of: series, style, frame, on: &canvas)
    if series.style != .dots {
      for piece in pieces(of: series, frame) {
        // A line of one point would not be seen.
        if piece.count == 1 { canvas.circle(piece[0], radius: 3, "dot \(style)") }
        canvas.path(through: thinned(piece), "line \(style)")
      }
    }
    guard series.style != .line else { return }
    let points = series.points.filter(frame.shows)
    let step = (points.count + Self.mostDots - 1) / Self.mostDots
    let look = series.style == .dots && points.count > 60 ? "dot faint \(style)" : "dot \(style)"
    for position in stride(from: 0, to: points.count, by: max(1, step)) {
      canvas.circle(frame.place(points[position].x, points[position].y), radius: 3.5, look)
    }
  }

  private func drawBand(of series: PlotSeries, _ style: String, _ frame: PlotFrame, on canvas: inout Canvas) {
    guard let intervals = series.intervals else { return }
    let shown = zip(series.points, intervals).filter { point, interval in
      frame.x.shows(point.x) && frame.y.shows(interval.lowerBound) && frame.y.shows(interval.upperBound)
    }
    let outline =
      shown.map { frame.place($0.x, $1.upperBound) } + shown.reversed().map { frame.place($0.x, $1.lowerBound) }
    canvas.path(through: outline, "band \(style)")
  }

  /// A line breaks where a value cannot be drawn.
  private func pieces(of series: PlotSeries, _ frame: PlotFrame) -> [[Point]] {
    series.points.split { !frame.shows($0) }.map { $0.map { frame.place($0.x, $0.y) } }
  }

  /// Of a line with more points than can be seen, the first, the lowest, the highest and the last of each column.
  private func thinned(_ points: [Point]) -> [Point] {
    guard points.count > Self.mostDots else { return points }
    var result: [Point] = []
    var start = 0
    while start < points.count {
      let column = (points[start].x * 2).rounded()
      let end = points[start...].firstIndex { ($0.x * 2).rounded() != column } ?? points.count
      let indices = start..<end
      let low = indices.min { points[$0].y < points[$1].y } ?? start
      let high = indices.max { points[$0].y < points[$1].y } ?? start
      result += Set([start, low, high, end - 1]).sorted().map { points[$0] }
      start = end
    }
    return result
  }

  private func drawTips(_ drawable: [[PlotSeries.Point]], _ frame: PlotFrame, on canvas: inout Canvas) {
    for (series, points) in zip(series, drawable) {
      for point in points {
        let name = self.series.count > 1 ? "\(series.name): " : ""
        let tip = "\(name)\(y.text) \(NumberText.short(point.y)) at \(x.text) \(NumberText.short(point.x))"
        canvas.circle(frame.place(point.x, point.y), radius: 6, "tip", tip: tip)
      }
    }
  }

  private func description(_ frame: PlotFrame, _ drawable: [[PlotSeries.Point]]) -> String {
    let lines = zip(series, drawable).map { series, points in
      guard let first = points.first, let last = points.last, let low = points.min(by: { $0.y < $1.y }),
        let high = points.max(by: { $0.y < $1.y })
      else { return "\(series.name): no points." }
      return
        "\(series.name): \(counted(points.count, "point")), from \(NumberText.short(first.y)) at "
        + "\(NumberText.short(first.x)) to \(NumberText.short(last.y)) at \(NumberText.short(last.x)), lowest "
        + "\(NumberText.short(low.y)), highest \(NumberText.short(high.y))."
    }
    let pointedOut = marks.map { "Marked: \($0.name)." }
    return (["\(kind) of \(frame.y.title) over \(frame.x.title)."] + lines + pointedOut).joined(separator: " ")
  }

  private func remarks(_ frame: PlotFrame) -> [String] {
    let points = series.flatMap(\.points)
    let dots = series.filter { $0.style != .line }.map(\.points.count).max() ?? 0
    let thinning = (dots + Self.mostDots - 1) / Self.mostDots
    return [
      frame.x.remark(on: points.map(\.x)), frame.y.remark(on: points.map(\.y)),
      thinning > 1 ? "Of \(dots) points one in \(thinning) is drawn." : nil,
    ].compactMap(\.self)
  }
}
