/// What the lines and colours of a chart stand for, above it, in as many rows as it takes.
struct Legend {
  enum Sample {
    /// The line of the series numbered so.
    case line(Int)
    case dots(Int)
    case mark(Int)
  }

  struct Entry {
    let name: String
    let sample: Sample
  }

  private struct Placed {
    let entry: Entry
    let text: String
    let left: Double
    let row: Int
  }

  private let placed: [Placed]
  let height: Double

  private static let sampleWidth = 26.0
  private static let rowHeight = 20.0

  init(_ entries: [Entry], width: Double) {
    var (left, row) = (4.0, 0)
    var placed: [Placed] = []
    for entry in entries {
      let text = TextWidth.clipped(entry.name, to: width - Self.sampleWidth - 12)
      let needed = Self.sampleWidth + TextWidth.of(text) + 16
      if left > 4 && left + needed > width { (left, row) = (4, row + 1) }
      placed.append(Placed(entry: entry, text: text, left: left, row: row))
      left += needed
    }
    self.placed = placed
    height = entries.isEmpty ? 0 : Self.rowHeight * Double(row + 1) + 6
  }

  func draw(on canvas: inout Canvas) {
    for place in placed {
      let middle = 12 + Self.rowHeight * Double(place.row)
      let ends = (Point(x: place.left, y: middle), Point(x: place.left + Self.sampleWidth - 6, y: middle))
      switch place.entry.sample {
      case .line(let index): canvas.line(ends.0, ends.1, "line \(seriesStyle(index))")
      case .mark(let index): canvas.line(ends.0, ends.1, "mark m\(index % 2)")
      case .dots(let index):
        canvas.circle(Point(x: place.left + 10, y: middle), radius: 4, "dot \(seriesStyle(index))")
      }
      canvas.text(
        place.text, at: Point(x: place.left + Self.sampleWidth, y: middle + 4.5), tip: place.entry.name)
    }
  }
}

/// The class of the series numbered `index`: its colour and its dashes.
func seriesStyle(_ index: Int) -> String { "s\(index % 6) d\(index % 4)" }
