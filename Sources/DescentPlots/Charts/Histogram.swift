#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How often values fall into ranges of equal width.
public struct Histogram: Chart {
  public var title: String
  public var note: String
  public var x: Axis
  /// What is counted.
  public var counted: String
  public var values: [Double]
  /// nil chooses by the spread of the values (Freedman and Diaconis 1981), between 5 and 40.
  public var binCount: Int?

  public init(
    _ title: String, x: Axis, counting counted: String = "count", values: [Double], bins: Int? = nil,
    note: String = ""
  ) {
    self.title = title
    self.note = note
    self.x = x
    self.counted = counted
    self.values = values
    binCount = bins
  }

  public func drawing() -> ChartDrawing {
    var axis = x
    axis.scale = .linear
    let whole = ScaledAxis(axis, values: values)
    let shown = values.filter { whole.shows($0) && (axis.range?.contains($0) ?? true) }.sorted()
    let bins = Bins(shown, count: binCount)
    axis.range = axis.range ?? bins.range
    let counts = bins.counts
    let frame = PlotFrame(
      x: ScaledAxis(axis, values: []),
      y: ScaledAxis(Axis(counted, isWhole: true), values: counts.map(Double.init), isAnchored: true), legend: [])
    var canvas = Canvas()
    frame.draw(on: &canvas)
    canvas.clipped(to: frame.area) { inner in
      for (index, count) in counts.enumerated() where count > 0 {
        let (start, end) = (bins.edge(index), bins.edge(index + 1))
        let (corner, foot) = (frame.place(start, Double(count)), frame.place(end, 0))
        inner.rectangle(
          Box(left: corner.x, top: corner.y, width: foot.x - corner.x - 0.5, height: foot.y - corner.y), "bar s0",
          tip: "\(count) from \(NumberText.short(start)) to \(NumberText.short(end))")
      }
    }
    if shown.isEmpty { frame.drawEmptiness("There is nothing to draw.", on: &canvas) }
    return ChartDrawing(
      width: PlotFrame.width, height: frame.height, body: canvas.body, description: description(shown, frame),
      remarks: [(x.range == nil ? whole : frame.x).remark(on: values)].compactMap(\.self))
  }

  private func description(_ shown: [Double], _ frame: PlotFrame) -> String {
    guard let low = shown.first, let high = shown.last else { return "Histogram of \(frame.x.title): no values." }
    let median = NumberText.short(shown[shown.count / 2])
    return
      "Histogram of \(frame.x.title): \(DescentPlots.counted(shown.count, "value")) from \(NumberText.short(low)) to "
      + "\(NumberText.short(high)), median \(median)."
  }
}

/// Ranges of equal width that hold sorted values.
private struct Bins {
  let start: Double
  let width: Double
  private(set) var counts: [Int]

  init(_ sorted: [Double], count: Int?) {
    guard let low = sorted.first, let high = sorted.last, high - low > 1e-9 * max(abs(low), abs(high), 1e-130) else {
      let middle = sorted.first ?? 0.5
      let room = max(abs(middle) * 0.1, 0.5)
      (start, width, counts) = (middle - room, 2 * room / 5, [0, 0, sorted.count, 0, 0])
      return
    }
    let size = Double(sorted.count)
    let quartiles = sorted[Int(size * 0.75)] - sorted[Int(size * 0.25)]
    let best = quartiles > 0 ? (high - low) / (2 * quartiles / cbrt(size)) : size.squareRoot()
    let bins = count.map { max(1, $0) } ?? Int(min(max(best, 5), 40).rounded(.up))
    start = low
    width = (high - low) / Double(bins)
    counts = Array(repeating: 0, count: bins)
    for value in sorted { counts[min(Int((value - start) / width), bins - 1)] += 1 }
  }

  func edge(_ index: Int) -> Double { start + Double(index) * width }
  var range: ClosedRange<Double> { start...edge(counts.count) }
}
