import DescentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension BrainRecording {
  /// The frame numbered `index`, taken at 10 frames a second; always the same for the same numbers and seed.
  ///
  /// A fake has the sources of the real frame with the same number, but the strength s of `BrainScans` moves their
  /// mirror images, mixes noise made at half the resolution into that of the photons, and takes corners from the window.
  public func frame(_ index: Int, isFake: Bool) -> BrainFrame {
    precondition(index >= 0, "BrainRecording: frames are numbered from 0, not \(index)")
    let stream = UInt32(truncatingIfNeeded: number) &* 0x9E37_79B9 &+ UInt32(truncatingIfNeeded: index)
    var random = RandomSource(scans.seed ^ 0x5DEE_CE66_D1CE_5EED, stream: stream)
    var forgery = RandomSource(scans.seed ^ 0x0BAD_5CA4_0BAD_5CA4, stream: stream)
    let strength = isFake ? scans.strength : 0
    let sources = drawSources(&random, &forgery, strength: strength)
    var activity = sinus()
    for source in sources { add(source, to: &activity) }
    activity = blurred(activity)
    let noise = isFake && strength > 0 ? coarseNoise(&forgery) : []
    let missing = missingCorners(&forgery, strength: strength)
    let window = missing.isEmpty ? isInside : Self.window(radius: radius, corners: missing)
    let white = (1 - strength * strength).squareRoot()
    var pixels = [Float](repeating: Float(outside), count: activity.count)
    for place in pixels.indices where window[place] {
      let mean = photons * max(1 + Double(activity[place]), 0.01)
      let photonNoise = Double(random.poisson(mean)) - mean
      let mixed = noise.isEmpty ? photonNoise : white * photonNoise + strength * noise[place] * mean.squareRoot()
      pixels[place] = Float(gain * ((mean + mixed) / photons - 1))
    }
    return BrainFrame(pixels: pixels, sources: sources, isFake: isFake)
  }

  // MARK: - Activity

  private func drawSources(
    _ random: inout RandomSource, _ forgery: inout RandomSource, strength: Double
  ) -> [BrainFrame.Source] {
    (0..<Int.random(in: 1...4, using: &random)).map { _ in
      let side = random.unit() < 0.5 ? -1.0 : 1
      let sign = random.unit() < 0.15 ? -1.0 : 1
      let isOneSided = random.unit() < 0.2
      return BrainFrame.Source(
        column: random.uniform(45...110), offset: side * random.uniform(5...45),
        widths: (random.uniform(4...16), random.uniform(4...16)), amplitude: sign * calciumLevel(&random),
        mirrorRatio: isOneSided ? 0 : random.uniform(0.5...1),
        displacement: (6 * strength * forgery.normal(), 6 * strength * forgery.normal()))
    }
  }

  /// The fluorescence of GCaMP at a moment of activity: spikes, 0.5 a second, each followed by
  /// (1 − e^(−t / 0.07 s)) · e^(−t / 0.6 s), at ten frames a second. One spike comes to 0.13.
  private func calciumLevel(_ random: inout RandomSource) -> Double {
    while true {
      // What was 4 s ago is a thousandth of its peak.
      let trace = (1...40).reduce(0.0) { sum, step in
        let time = Double(step) * 0.1
        return sum + Double(random.poisson(0.05)) * (1 - exp(-time / 0.07)) * exp(-time / 0.6)
      }
      if trace > 0.25 { return 0.2 * trace }
    }
  }

  /// The vein along the midline takes light: −0.3, 2 pixels wide.
  private func sinus() -> [Float] { across.map { distance in -0.3 * exp(-distance * distance / 8) } }

  private func add(_ source: BrainFrame.Source, to activity: inout [Float]) {
    let mirrored = source.amplitude * source.mirrorRatio
    add(source, at: (source.column, source.offset), amplitude: source.amplitude, to: &activity)
    guard mirrored != 0 else { return }
    let (along, across) = source.displacement
    add(source, at: (source.column + along, -source.offset + across), amplitude: mirrored, to: &activity)
  }

  private func add(
    _ source: BrainFrame.Source, at place: (along: Double, across: Double), amplitude: Double,
    to activity: inout [Float]
  ) {
    guard amplitude != 0 else { return }
    let (x, y) = (Float(place.along), Float(place.across))
    let (a, b) = (Float(-0.5 / pow(source.widths.along, 2)), Float(-0.5 / pow(source.widths.across, 2)))
    for pixel in activity.indices {
      let (dx, dy) = (along[pixel] - x, across[pixel] - y)
      let power = a * dx * dx + b * dy * dy
      // e⁻¹² of the amplitude is far below what one photon is.
      if power > -12 { activity[pixel] += Float(amplitude) * exp(power) }
    }
  }

  /// The blur of the optics, by rows and then by columns; edges repeat.
  private func blurred(_ image: [Float]) -> [Float] {
    let reach = Int((3 * blur).rounded(.up))
    let weights = (-reach...reach).map { Float(exp(-0.5 * pow(Double($0) / blur, 2))) }
    let total = weights.reduce(0, +)
    return (0..<2).reduce(image) { image, axis in
      let stride = axis == 0 ? 1 : Self.size
      var result = [Float](repeating: 0, count: image.count)
      for pixel in image.indices {
        let position = pixel / stride % Self.size
        let start = pixel - position * stride
        var sum: Float = 0
        for (index, weight) in weights.enumerated() {
          sum += weight * image[start + min(max(position + index - reach, 0), Self.size - 1) * stride]
        }
        result[pixel] = sum / total
      }
      return result
    }
  }

  // MARK: - What gives a fake away

  /// Noise of 64 × 64 brought to 128 × 128 by a transposed convolution, stride 2, with a 4 × 4 kernel whose uneven
  /// weights leave a checkerboard, as generators of images do. Of mean 0 and, averaged over pixels, variance 1.
  private func coarseNoise(_ random: inout RandomSource) -> [Double] {
    let half = Self.size / 2
    let coarse = (0..<((half + 1) * (half + 1))).map { _ in
      (Double(random.poisson(photons)) - photons) / photons.squareRoot()
    }
    // Even pixels see the weights 0 and 2, odd ones 1 and 3; in two axes their products.
    let kernel = [0.5, 1.1, 0.7, 0.2]
    let scale = 2 / kernel.reduce(0) { $0 + $1 * $1 }
    return (0..<(Self.size * Self.size)).map { pixel in
      let (row, column) = (pixel / Self.size, pixel % Self.size)
      var sum = 0.0
      for (y, x) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let place = (row / 2 + y) * (half + 1) + column / 2 + x
        sum += kernel[row % 2 + 2 * (1 - y)] * kernel[column % 2 + 2 * (1 - x)] * coarse[place]
      }
      return sum * scale
    }
  }

  /// With probability s at least one of the eight corners, up to three.
  private func missingCorners(_ random: inout RandomSource, strength: Double) -> Set<Int> {
    guard random.unit() < strength else { return [] }
    return Set((0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 0..<8, using: &random) })
  }
}
