/// How often predictions come true beside how sure they were: bars on the diagonal are well calibrated.
public struct ReliabilityDiagram: Chart {
  public struct Bin: Sendable {
    /// The mean probability that was predicted.
    public var confidence: Double
    /// The share that came true.
    public var accuracy: Double
    public var count: Int

    public init(confidence: Double, accuracy: Double, count: Int) {
      self.confidence = confidence
      self.accuracy = accuracy
      self.count = count
    }
  }

  public var title: String
  public var note: String
  public var bins: [Bin]

  public init(_ title: String, bins: [Bin], note: String = "") {
    self.title = title
    self.note = note
    self.bins = bins
  }

  /// Ten ranges of probability from 0 to 1 of equal width; those without predictions are left out.
  public init(_ title: String, probabilities: [Double], outcomes: [Bool], note: String = "") {
    precondition(
      probabilities.count == outcomes.count,
      "ReliabilityDiagram: \(probabilities.count) probabilities for \(outcomes.count) outcomes")
    let pairs = zip(probabilities, outcomes).filter { (0...1).contains($0.0) }
    let bins = (0..<10).compactMap { index -> Bin? in
      let members = pairs.filter { min(Int($0.0 * 10), 9) == index }
      guard !members.isEmpty else { return nil }
      let count = Double(members.count)
      return Bin(
        confidence: members.reduce(0) { $0 + $1.0 } / count,
        accuracy: Double(members.filter(\.1).count) / count, count: members.count)
    }
    self.init(title, bins: bins, note: note)
  }

  public func drawing() -> ChartDrawing {
    // So that dots at the ends are whole.
    let room = -0.03...1.03
    let axis = ScaledAxis(Axis("predicted probability", range: room), values: [])
    let frame = PlotFrame(
      x: axis, y: ScaledAxis(Axis("share that came true", range: room), values: []),
      legend: [
        Legend.Entry(name: "predictions; larger dots, more of them", sample: .dots(0)),
        Legend.Entry(name: "as sure as right", sample: .mark(0)),
      ])
    var canvas = Canvas()
    frame.draw(on: &canvas)
    let most = Double(bins.map(\.count).max() ?? 1)
    canvas.clipped(to: frame.area) { inner in
      frame.draw([.diagonal("")], on: &inner)
      for bin in bins {
        let place = frame.place(bin.confidence, bin.accuracy)
        inner.line(frame.place(bin.confidence, bin.confidence), place, "whisker")
        inner.circle(
          place, radius: 3 + 7 * (Double(bin.count) / max(most, 1)).squareRoot(), "dot s0", tip: Self.words(bin))
      }
    }
    if bins.isEmpty { frame.drawEmptiness("There is nothing to draw.", on: &canvas) }
    return ChartDrawing(
      width: PlotFrame.width, height: frame.height, body: canvas.body,
      description: "Reliability diagram. " + bins.map { Self.words($0) + "." }.joined(separator: " "), remarks: [])
  }

  private static func words(_ bin: Bin) -> String {
    "\(counted(bin.count, "prediction")) with probability \(NumberText.short(bin.confidence, digits: 3)) came true in "
      + "\(NumberText.short(bin.accuracy, digits: 3))"
  }
}
