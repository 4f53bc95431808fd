import Descent
import Testing

@Suite struct BrainScansTests {
  private static let scans = BrainScans(seed: 3, strength: 1)

  @Test func recordingsLieInTheirRanges() {
    let recordings = (0..<200).map { BrainScans(seed: 9).recording($0) }
    #expect(recordings.allSatisfy { (62...72).contains($0.radius) && (60...68).contains($0.midlineRow) })
    #expect(recordings.allSatisfy { (-4...4).contains($0.midlineTilt) && (0.8...1.5).contains($0.blur) })
    #expect(recordings.allSatisfy { (500...3000).contains($0.photons) && (0.6...1.6).contains($0.gain) })
    let means: [(Double, ClosedRange<Double>)] = [
      (mean(recordings.map(\.radius)), 66...68), (mean(recordings.map(\.photons)), 1600...1900),
      (mean(recordings.map(\.midlineTilt)), -0.6...0.6),
    ]
    for (value, range) in means { #expect(range.contains(value)) }
  }

  @Test func aFrameFollowsFromItsNumberAlone() {
    let recording = Self.scans.recording(2)
    let frame = recording.frame(17, isFake: false)
    _ = recording.frame(3, isFake: true)
    #expect(recording.frame(17, isFake: false).pixels == frame.pixels)
    #expect(Self.scans.recording(2).frame(17, isFake: false).pixels == frame.pixels)
    #expect(recording.frame(18, isFake: false).pixels != frame.pixels)
    #expect(Self.scans.recording(3).frame(17, isFake: false).pixels != frame.pixels)
    #expect(BrainScans(seed: 4).recording(2).frame(17, isFake: false).pixels != frame.pixels)
  }

  @Test func aFakeOfNoStrengthIsReal() {
    let recording = BrainScans(seed: 3, strength: 0).recording(1)
    for index in 0..<5 {
      #expect(recording.frame(index, isFake: true).pixels == recording.frame(index, isFake: false).pixels)
    }
    let strong = Self.scans.recording(1)
    #expect(strong.frame(0, isFake: true).pixels != strong.frame(0, isFake: false).pixels)
    #expect(strong.frame(0, isFake: false).pixels == recording.frame(0, isFake: false).pixels)
  }

  @Test func sourcesAreWhatTheyAreSaidToBe() {
    let frames = (0..<300).map { Self.scans.recording($0 % 16).frame($0, isFake: $0 % 3 == 0) }
    let sources = frames.flatMap(\.sources)
    #expect(Set(frames.map(\.sources.count)) == [1, 2, 3, 4])
    #expect(sources.allSatisfy { (45...110).contains($0.column) && (5...45).contains(abs($0.offset)) })
    #expect(sources.allSatisfy { (4...16).contains($0.widths.along) && (4...16).contains($0.widths.across) })
    #expect(sources.allSatisfy { $0.mirrorRatio == 0 || (0.5...1).contains($0.mirrorRatio) })
    #expect((0.15...0.25).contains(share(sources) { $0.mirrorRatio == 0 }))
    #expect((0.11...0.19).contains(share(sources) { $0.amplitude < 0 }))
    #expect((0.45...0.55).contains(share(sources) { $0.offset > 0 }))
    let moved = frames.filter(\.isFake).flatMap(\.sources).map(\.displacement.along)
    #expect((5...7).contains(mean(moved.map { $0 * $0 }).squareRoot()))
    #expect(frames.filter { !$0.isFake }.flatMap(\.sources).allSatisfy { $0.displacement == (0, 0) })
  }

  /// Away from activity the variance of a pixel is that of the photons: gain² · (1 + ΔF/F) / N₀.
  @Test func noiseIsThatOfPhotons() {
    for number in 0..<3 {
      let recording = Self.scans.recording(number)
      var squares: [Double] = []
      for index in 0..<40 {
        let pixels = recording.frame(2 * index, isFake: false).pixels
        // Left of all sources and above the midline.
        for row in 30..<40 {
          for column in 14..<22 {
            let difference = Double(pixels[row * 128 + column] - pixels[row * 128 + column + 1])
            squares.append(difference * difference)
          }
        }
      }
      let expected = 2 * recording.gain * recording.gain / recording.photons
      let ratio = mean(squares) / expected
      #expect((0.85...1.2).contains(ratio), "\(number): \(ratio)")
    }
  }

  /// Noise that was brought up from half the resolution is alike in neighbouring pixels, and as strong on average.
  @Test func fakeNoiseHasAPattern() {
    func alikeness(isFake: Bool) -> (correlation: Double, variance: Double) {
      let recording = Self.scans.recording(5)
      var (products, squares) = ([Double](), [Double]())
      for index in 0..<60 {
        let pixels = recording.frame(index, isFake: isFake).pixels
        for row in 30..<42 {
          for column in 14..<22 {
            let place = row * 128 + column
            // Second differences leave nothing of what is smooth.
            let here = Double(pixels[place] - pixels[place + 4])
            let beside = Double(pixels[place + 1] - pixels[place + 5])
            products.append(here * beside)
            squares.append(here * here)
          }
        }
      }
      return (mean(products) / mean(squares), mean(squares))
    }
    let (real, fake) = (alikeness(isFake: false), alikeness(isFake: true))
    #expect(abs(real.correlation) < 0.1)
    #expect(fake.correlation > 0.3)
    #expect((0.75...1.3).contains(fake.variance / real.variance))
  }

  @Test func theWindowIsAnOctagonInADisc() {
    let recording = Self.scans.recording(4)
    let real = recording.frame(0, isFake: false).pixels
    let outside = real.indices.filter { real[$0] == Float(recording.outside) }
    // An octagon in a circle of radius r has the area 2√2 r².
    let area = Double(real.count - outside.count)
    let whole = 2 * 2.0.squareRoot() * recording.radius * recording.radius
    #expect(abs(area - whole) < 0.01 * whole)
    #expect(real[0] == Float(recording.outside) && real[64 * 128 + 64] != Float(recording.outside))
    let missing = (0..<20).map { index in
      recording.frame(index, isFake: true).pixels.count { $0 == Float(recording.outside) } - outside.count
    }
    #expect(missing.allSatisfy { $0 > 20 })
    #expect(Set(missing).count > 1)
  }

  @Test func datasetsAnswerTheirQuestion() throws {
    let fakes = Self.scans.dataset(recordings: 0..<2, frames: 4..<8)
    #expect(fakes.inputRowShape == [128, 128, 1] && fakes.count == 8)
    #expect(fakes.classNames == ["real", "fake"])
    #expect(fakes.targets.array(of: Int32.self) == [0, 1, 0, 1, 0, 1, 0, 1])
    let pixels = Self.scans.recording(1).frame(5, isFake: true).pixels
    #expect(fakes.subset([5]).inputs.array(of: Float.self) == pixels)
    let regions = Self.scans.dataset(recordings: 0..<16, frames: 0..<4, asking: .region)
    #expect(regions.classNames.count == 4 && Set(regions.targets.array(of: Int32.self)) == [0, 1, 2, 3])
    let places = Self.scans.dataset(recordings: 3..<4, frames: 0..<2, asking: .position)
    let source = Self.scans.recording(3).frame(1, isFake: false).strongestSource
    #expect(places.targets.array(of: Float.self).suffix(2) == [Float(source.column), Float(source.offset)])
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private func share(_ sources: [BrainFrame.Source], _ holds: (BrainFrame.Source) -> Bool) -> Double {
    Double(sources.count(where: holds)) / Double(sources.count)
  }
}
