import DescentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is the same in all frames of one recording of calcium imaging through a window over a mouse's cortex.
///
/// Frames are 128 × 128 values of ΔF/F. The window is a disc cut to an octagon; its midline runs from left to right.
public struct BrainRecording: Sendable {
  /// The height and the width of a frame.
  public static let size = 128

  public let number: Int
  /// The radius of the disc in pixels, 62 to 72.
  public let radius: Double
  /// The row of the midline at the middle column, 60 to 68.
  public let midlineRow: Double
  /// The angle of the midline in degrees, −4 to 4.
  public let midlineTilt: Double
  /// The standard deviation of the blur of the optics in pixels, 0.8 to 1.5.
  public let blur: Double
  /// The photons of a pixel without activity, 500 to 3000.
  public let photons: Double
  /// What all values are multiplied by, 0.6 to 1.6.
  public let gain: Double
  /// The value outside the window, −0.2 to 0.2.
  public let outside: Double

  let scans: BrainScans
  /// For each pixel the distance along the midline and, up positive, across it.
  let along: [Float]
  let across: [Float]
  let isInside: [Bool]

  /// The corners of the octagon are on the disc.
  static let cornerAngles = (0..<8).map { Double.pi / 4 * (Double($0) + 0.5) }

  init(_ scans: BrainScans, number: Int) {
    var random = RandomSource(scans.seed, stream: UInt32(truncatingIfNeeded: number))
    self.scans = scans
    self.number = number
    radius = random.uniform(62...72)
    let line = 64 + random.uniform(-4...4)
    midlineRow = line
    midlineTilt = random.uniform(-4...4)
    blur = random.uniform(0.8...1.5)
    photons = random.uniform(500...3000)
    gain = random.uniform(0.6...1.6)
    outside = random.uniform(-0.2...0.2)
    let (sine, cosine) = (sin(midlineTilt * Double.pi / 180), cos(midlineTilt * Double.pi / 180))
    let middle = Double(Self.size) / 2
    let places = (0..<(Self.size * Self.size)).map { (Double($0 % Self.size), Double($0 / Self.size)) }
    along = places.map { column, row in Float(middle + (column - middle) * cosine + (row - line) * sine) }
    across = places.map { column, row in Float((column - middle) * sine - (row - line) * cosine) }
    isInside = Self.window(radius: radius, corners: [])
  }

  /// The pixels within the octagon; a corner that is missing is cut off across its diagonal.
  static func window(radius: Double, corners missing: Set<Int>) -> [Bool] {
    let middle = Double(size) / 2
    var sides = (0..<8).map { (angle: Double.pi / 4 * Double($0), distance: radius * cos(Double.pi / 8)) }
    sides += missing.sorted().map { (angle: cornerAngles[$0], distance: 0.88 * radius) }
    let normals = sides.map { (cos($0.angle), sin($0.angle), $0.distance) }
    return (0..<(size * size)).map { place in
      let (x, y) = (Double(place % size) + 0.5 - middle, Double(place / size) + 0.5 - middle)
      return normals.allSatisfy { x * $0.0 + y * $0.1 <= $0.2 }
    }
  }
}
