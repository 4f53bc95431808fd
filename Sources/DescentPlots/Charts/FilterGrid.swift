/// Small pictures made of squares in shades, such as the filters of a convolution: one colour above 0, another below.
public struct FilterGrid: Chart {
  public var title: String
  public var note: String
  /// [picture, row, column]
  public var pictures: [[[Double]]]
  /// A word below each picture; empty for none.
  public var captions: [String]

  public init(_ title: String, pictures: [[[Double]]], captions: [String] = [], note: String = "") {
    precondition(
      captions.isEmpty || captions.count == pictures.count,
      "FilterGrid: \(captions.count) captions for \(pictures.count) pictures")
    self.title = title
    self.note = note
    self.pictures = pictures
    self.captions = captions
  }

  public func drawing() -> ChartDrawing {
    let columns = 8
    let size = (ChartDrawing.usualWidth - 8) / Double(columns)
    let picture = size - 8
    let pitch = picture + (captions.isEmpty ? 8 : 24)
    let reach = pictures.flatMap { $0.flatMap(\.self) }.filter(\.isFinite).map(abs).max() ?? 0
    let shades = Shades([-reach, reach], range: nil)
    var canvas = Canvas()
    for (index, rows) in pictures.enumerated() {
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      let corner = Point(x: 8 + Double(column) * size, y: 4 + Double(row) * pitch)
      let side = picture / Double(max(rows.count, rows.map(\.count).max() ?? 0, 1))
      canvas.rectangle(Box(left: corner.x, top: corner.y, width: picture, height: picture), "frame")
      for (y, values) in rows.enumerated() {
        for (x, value) in values.enumerated() {
          let shade = shades[value]
          canvas.rectangle(
            Box(left: corner.x + Double(x) * side, top: corner.y + Double(y) * side, width: side, height: side),
            shade.style, opacity: shade.opacity)
        }
      }
      guard !captions.isEmpty else { continue }
      canvas.text(
        TextWidth.clipped(captions[index], to: picture, fontSize: 11),
        at: Point(x: corner.x + picture / 2, y: corner.y + picture + 13), "t small", anchor: .middle,
        tip: captions[index])
    }
    if pictures.isEmpty { canvas.text("There is nothing to draw.", at: Point(x: 8, y: 20), "t q") }
    let rows = (pictures.count + columns - 1) / columns
    return ChartDrawing(
      width: ChartDrawing.usualWidth, height: 8 + pitch * Double(max(rows, 1)), body: canvas.body,
      description: "\(counted(pictures.count, "small picture")); the deepest shade stands for "
        + "\(NumberText.short(reach)).", remarks: [])
  }
}
