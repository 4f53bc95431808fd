/// Horizontal bars with their names on the left and their values at their ends, such as scores or importances.
public struct BarChart: Chart {
  public struct Bar: Sendable {
    public var name: String
    public var value: Double
    /// Where given, shown as a thin line about the end of the bar.
    public var interval: ClosedRange<Double>?
    public var isHighlighted: Bool

    public init(_ name: String, _ value: Double, interval: ClosedRange<Double>? = nil, isHighlighted: Bool = false) {
      self.name = name
      self.value = value
      self.interval = interval
      self.isHighlighted = isHighlighted
    }
  }

  public var title: String
  public var note: String
  /// What the bars measure.
  public var axis: Axis
  public var bars: [Bar]

  public init(_ title: String, axis: Axis, bars: [Bar], note: String = "") {
    self.title = title
    self.note = note
    self.axis = axis
    self.bars = bars
  }

  private static let pitch = 26.0

  public func drawing() -> ChartDrawing {
    var axis = axis
    axis.scale = .linear
    let values = bars.map(\.value)
    let ends = bars.compactMap(\.interval).flatMap { [$0.lowerBound, $0.upperBound] }
    let scale = ScaledAxis(axis, values: values + ends, isAnchored: true)
    let names = bars.map { TextWidth.clipped($0.name, to: 170) }
    let left = 12 + (names.map { TextWidth.of($0) }.max() ?? 0)
    let texts = values.map { NumberText.short($0) }
    let right = ChartDrawing.usualWidth - 12 - (texts.map { TextWidth.of($0) }.max() ?? 0)
    let area = Box(left: left, top: 26, width: right - left, height: Self.pitch * Double(max(1, bars.count)))
    func across(_ value: Double) -> Double { area.left + min(max(scale.position(value), 0), 1) * area.width }
    var canvas = Canvas()
    canvas.text(TextWidth.clipped(scale.title, to: 460), at: Point(x: 4, y: 14), "t q", tip: scale.title)
    let zero = across(0)
    for (index, bar) in bars.enumerated() {
      let middle = area.top + Self.pitch * (Double(index) + 0.5)
      canvas.text(names[index], at: Point(x: left - 8, y: middle + 4.5), anchor: .end, tip: bar.name)
      guard scale.shows(bar.value) else {
        canvas.text(texts[index], at: Point(x: zero + 6, y: middle + 4.5), "t q")
        continue
      }
      let end = across(bar.value)
      canvas.rectangle(
        Box(left: min(zero, end), top: middle - 8, width: max(abs(end - zero), 0.5), height: 16),
        "bar \(bar.isHighlighted ? "s1" : "s0")")
      var edge = max(end, zero)
      if let interval = bar.interval, scale.shows(interval.lowerBound), scale.shows(interval.upperBound) {
        let (low, high) = (across(interval.lowerBound), across(interval.upperBound))
        canvas.line(Point(x: low, y: middle), Point(x: high, y: middle), "whisker")
        edge = max(edge, high)
      }
      canvas.text(texts[index], at: Point(x: edge + 6, y: middle + 4.5))
    }
    canvas.line(Point(x: zero, y: area.top - 2), Point(x: zero, y: area.bottom + 2), "axis")
    if bars.isEmpty { canvas.text("There is nothing to draw.", at: Point(x: zero + 8, y: area.top + 18), "t q") }
    let words = zip(bars, texts).map { "\($0.name) \($1)" }.joined(separator: ", ")
    return ChartDrawing(
      width: ChartDrawing.usualWidth, height: area.bottom + 8, body: canvas.body,
      description: "Bar chart of \(scale.title): \(words.isEmpty ? "no bars" : words).",
      remarks: [scale.remark(on: values)].compactMap(\.self))
  }
}
