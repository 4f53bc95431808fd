import Descent
import DescentPlots

/// The findings as a page.
struct FindingsPage {
  private let findings: Findings
  private let options: Options

  init(_ findings: Findings, _ options: Options) {
    self.findings = findings
    self.options = options
  }

  var report: Report {
    Report(
      "Real or fake brain scans",
      subtitle: "What a network learns of the recordings instead of the fakes, and how to keep it from that",
      footer: "Descent \(descentVersion)"
    ) {
      KeyFacts(facts)
      Section("The frames") { frames }
      Section("Two tests") {
        Prose(findings.conclusion)
        chart("New frames of the recordings learnt from") { $0.sameRecordings }
        chart("Other recordings") { $0.otherRecordings }
        DataTable(Findings.header, rows: findings.rows)
      }
      Section("Why there is a gap") { explanation }
      Section("What the filters look for") { filters }
      Section("How to reproduce") { CodeBlock(command) }
    }
  }

  private var facts: [(name: String, value: String)] {
    guard let gap = findings.widestGap else { return [] }
    return [
      ("\(gap.candidate.rawValue), same recordings, strength \(gap.strength)", percent(gap.same)),
      ("\(gap.candidate.rawValue), other recordings", percent(gap.other)),
      ("invariant, other recordings", percent(findings.mean(.invariant, gap.strength) { $0.otherRecordings })),
      ("parameters, \(gap.candidate.rawValue)", parameters(gap.candidate)),
      ("parameters, invariant", parameters(.invariant)),
    ]
  }

  private func parameters(_ candidate: Candidate) -> String {
    findings.networks[candidate].map { "\($0.parameterCount)" } ?? ""
  }

  // MARK: - Frames

  @ReportBuilder private var frames: [any ReportBlock] {
    let strength = findings.strengths.last ?? 1
    let recordings = (0..<4).map { BrainScans(seed: 1, strength: strength).recording($0) }
    Prose(
      "Each frame is 128 × 128 values of ΔF/F: one to four active areas, mirrored across the midline, the dark vein "
        + "along it, the blur of the optics and the noise of photons. A fake of strength \(strength) has noise made at "
        + "half the resolution and brought up by a transposed convolution, moves mirror images and takes corners from the "
        + "window; weaker fakes do less of each.")
    ImageGrid(
      recordings.map { picture($0, isFake: false) }, width: 165, caption: "Real, one of each of four recordings")
    ImageGrid(recordings.map { picture($0, isFake: true) }, width: 165, caption: "Fake, of the same recordings")
    DataTable(
      ["recording", "radius", "midline", "tilt", "blur", "photons", "gain", "outside"],
      rows: (0..<16).map { number in
        let recording = BrainScans(seed: 1).recording(number)
        return [
          "\(number)" + (BrainScans.test.contains(number) ? ", test" : ""), rounded(recording.radius),
          rounded(recording.midlineRow), "\(rounded(recording.midlineTilt))°", rounded(recording.blur),
          "\(Int(recording.photons))", rounded(recording.gain), rounded(recording.outside),
        ]
      }, caption: "What differs between recordings, in pixels where nothing else is said")
  }

  /// ΔF/F from −0.3 to 0.3 as grey.
  private func picture(_ recording: BrainRecording, isFake: Bool) -> ImageGrid.Picture {
    let frame = recording.frame(isFake ? 1 : 0, isFake: isFake)
    let grey = frame.pixels.map { UInt8(min(max(($0 + 0.3) / 0.6 * 255, 0), 255)) }
    let image = Image(height: BrainRecording.size, width: BrainRecording.size, channels: 1, pixels: grey)
    let name = "recording \(recording.number), \(isFake ? "fake" : "real")"
    return ImageGrid.Picture(png: image.pngBytes(), caption: name, description: "A frame of \(name)")
  }

  private func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

  // MARK: - Figures

  private func chart(_ title: String, _ value: (Outcome) -> Double) -> LineChart {
    LineChart(
      title, x: Axis("strength of the fakes", range: 0...1), y: Axis("accuracy", range: 0.4...1),
      series: Candidate.allCases.map { candidate in
        PlotSeries(
          candidate.rawValue,
          points: findings.strengths.map { PlotSeries.Point($0, findings.mean(candidate, $0, value)) },
          style: .lineWithDots)
      }, marks: [.horizontal(0.5, "chance")])
  }

  @ReportBuilder private var explanation: [any ReportBlock] {
    Prose(
      "The course's networks weigh places: of the 62,338 parameters of the first 61,506 belong to one square of 4 × 4 "
        + "pixels each. So it can learn where the edge of each window lies and how bright and how noisy each of ten "
        + "recordings is, and judge each by a measure of its own. On new frames of these recordings that measure is "
        + "right. In another recording the edge lies elsewhere, and light and gain are others: what was learnt by heart "
        + "misleads. Longer training makes it surer of the recordings it knows and leaves the gap, for the frames it "
        + "learns from do not contradict it. Faint fakes it cannot tell at all: it sees the largest of 16 values of a "
        + "filter, not how strong the noise is on the whole.")
    Points([
      "The window: the invariant network finds it by itself, where values vary, and looks at nothing on its edge.",
      "Light and gain: all values are measured in units of the noise of their own frame.",
      "Places: the energy behind each filter is summed over the whole window before any weight sees it, so that no "
        + "weight belongs to a place.",
      "Small differences: the energies of real and fake noise differ by percents; their logarithms are normalised over "
        + "the batch, or learning would not see them.",
      "Choice: of its epochs the one is kept that is best on two recordings that are in neither test.",
    ])
  }

  @ReportBuilder private var filters: [any ReportBlock] {
    for candidate in [Candidate.oneConvolution, .invariant] {
      if let convolution = findings.networks[candidate]?.layers.compactMap({ $0 as? Convolution }).first {
        FilterGrid(candidate.rawValue, pictures: pictures(of: convolution.weight))
      }
    }
    Prose(
      "At strength \(findings.outcomes.first?.strength ?? 1). The noise of photons has no pattern; that of the fakes is "
        + "alike in neighbouring pixels and stronger in every second one, which filters with signs that alternate tell "
        + "apart.")
  }

  /// The filters over the first channel.
  private func pictures(of weight: Tensor) -> [[[Double]]] {
    let (height, width, inputs, outputs) = (weight.shape[0], weight.shape[1], weight.shape[2], weight.shape[3])
    let values = weight.array(of: Float.self)
    return (0..<outputs).map { output in
      (0..<height).map { y in
        (0..<width).map { x in Double(values[((y * width + x) * inputs) * outputs + output]) }
      }
    }
  }

  private var command: String {
    let strengths = options.strengths.map { "\($0)" }.joined(separator: ",")
    return "swift run -c release example-brain-scans --strengths \(strengths) --frames \(options.frames) --seeds "
      + "\(options.seeds)"
  }
}
