/// Where the parts of a heat map go.
struct HeatMapDrawing {
  private let map: HeatMap
  private let cell: Double
  private let fontSize: Double
  private let shades: Shades
  private let texts: [[String]]
  private let area: Box
  private let isTurned: Bool
  private let rowNames: [String]
  private let columnNames: [String]
  private let width: Double

  /// Names are clipped to this.
  private static let longestName = 150.0

  init(_ map: HeatMap) {
    self.map = map
    shades = Shades(map.values.flatMap(\.self), range: map.range)
    let texts = map.texts ?? map.values.map { $0.map { NumberText.short($0, digits: 2) } }
    let columns = Double(max(1, map.columns.count))
    rowNames = map.rows.map { TextWidth.clipped($0, to: Self.longestName) }
    columnNames = map.columns.map { TextWidth.clipped($0, to: Self.longestName) }
    let left = 12 + max(rowNames.map { TextWidth.of($0) }.max() ?? 0, TextWidth.of(map.rowTitle))
    // Small maps fill the usual width; large ones keep cells that can be told apart, and scroll.
    let fitting = (ChartDrawing.usualWidth - left - 12) / columns
    cell = min(max(fitting, map.columns.count > 40 ? 15 : 20), 64)
    let widest = texts.flatMap(\.self).map { TextWidth.of($0, fontSize: 1) }.max() ?? 1
    fontSize = min(14, (cell - 4) / max(widest, 0.1))
    self.texts = fontSize < 8 ? [] : texts
    let longest = columnNames.map { TextWidth.of($0) }.max() ?? 0
    isTurned = longest > cell - 4
    let heading = map.columnTitle.isEmpty ? 0 : 20.0
    let top = heading + (isTurned ? longest * 0.72 + 14 : 24)
    area = Box(left: left, top: top, width: cell * columns, height: cell * Double(max(1, map.rows.count)))
    width = max(area.right + (isTurned ? longest * 0.72 + 8 : 12), left + TextWidth.of(map.columnTitle) + 12, 220)
  }

  func drawing() -> ChartDrawing {
    var canvas = Canvas()
    canvas.text(map.columnTitle, at: Point(x: area.left, y: 14), "t q")
    canvas.text(map.rowTitle, at: Point(x: area.left - 8, y: area.top - 8), "t q", anchor: .end)
    for (index, name) in columnNames.enumerated() {
      let middle = area.left + cell * (Double(index) + 0.5)
      canvas.text(
        name, at: Point(x: isTurned ? middle + 3 : middle, y: area.top - 7), anchor: isTurned ? .start : .middle,
        turn: isTurned ? -45 : 0, tip: map.columns[index])
    }
    for (row, name) in rowNames.enumerated() {
      let middle = area.top + cell * (Double(row) + 0.5)
      canvas.text(name, at: Point(x: area.left - 8, y: middle + 4.5), anchor: .end, tip: map.rows[row])
      for column in map.columns.indices { drawCell(row, column, on: &canvas) }
    }
    if map.rows.isEmpty || map.columns.isEmpty {
      canvas.text("There is nothing to draw.", at: Point(x: area.left, y: area.top + 18), "t q")
    }
    let broken = map.values.reduce(0) { $0 + $1.filter { !$0.isFinite }.count }
    let unfit = broken == 1 ? "1 value is not finite." : "\(broken) values are not finite."
    return ChartDrawing(
      width: width, height: area.bottom + 8, body: canvas.body, description: description,
      remarks: broken == 0 ? [] : [unfit])
  }

  private func drawCell(_ row: Int, _ column: Int, on canvas: inout Canvas) {
    let value = map.values[row][column]
    let text = map.texts?[row][column] ?? NumberText.short(value)
    let box = Box(
      left: area.left + cell * Double(column), top: area.top + cell * Double(row), width: cell - 1, height: cell - 1)
    let shade = shades[value]
    canvas.rectangle(
      box, shade.style, opacity: shade.opacity, tip: "\(map.rows[row]) · \(map.columns[column]): \(text)")
    guard !texts.isEmpty else { return }
    let size = fontSize < 11 ? "small" : fontSize < 14 ? "medium" : ""
    canvas.text(
      texts[row][column], at: Point(x: box.left + box.width / 2, y: box.top + box.height / 2 + 4.5),
      "value \(shade.text) \(size)", anchor: .middle)
  }

  private var description: String {
    let size = "\(counted(map.rows.count, "row")) and \(counted(map.columns.count, "column"))"
    let cells = map.values.enumerated().flatMap { row, values in
      values.enumerated().map { (row: row, column: $0, value: $1) }
    }.filter(\.value.isFinite)
    guard let high = cells.max(by: { $0.value < $1.value }) else { return "Heat map of \(size)." }
    let text = map.texts?[high.row][high.column] ?? NumberText.short(high.value)
    return "Heat map of \(size); the strongest cell is \(map.rows[high.row]), \(map.columns[high.column]) with \(text)."
  }
}

/// The colour of a cell, and of text on it.
struct Shade {
  let style: String
  let opacity: Double
  let text: String
}

/// How deep the colour of a value is.
struct Shades {
  private let low: Double
  private let high: Double

  init(_ values: [Double], range: ClosedRange<Double>?) {
    let finite = values.filter(\.isFinite)
    low = range?.lowerBound ?? min(0, finite.min() ?? 0)
    high = range?.upperBound ?? max(0, finite.max() ?? 0)
  }

  subscript(value: Double) -> Shade {
    guard value.isFinite else { return Shade(style: "broken", opacity: 0, text: "") }
    let isBelow = low < 0 && value < 0
    let span = low < 0 ? max(-low, high) : high - low
    let depth = low < 0 ? abs(value) : value - low
    let opacity = span > 0 ? min(max(depth / span, 0), 1) : 0
    return Shade(
      style: isBelow ? "cell below" : "cell", opacity: opacity,
      text: Self.text(on: opacity, turningAt: isBelow ? (0.845, 0.545) : (0.725, 0.535)))
  }

  /// Text turns from dark to bright, on a dark page from bright to dark, where both have the same contrast.
  private static func text(on opacity: Double, turningAt depth: (onLight: Double, onDark: Double)) -> String {
    [opacity >= depth.onLight ? "bright" : nil, opacity >= depth.onDark ? "deep" : nil].compactMap(\.self)
      .joined(separator: " ")
  }
}
