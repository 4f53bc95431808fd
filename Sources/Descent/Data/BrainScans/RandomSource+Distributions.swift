package import DescentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension RandomSource {
  /// Uniform on [0, 1), with 53 random bits.
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  package mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + unit() * (range.upperBound - range.lowerBound)
  }

  /// Normal, by the transform of Box and Muller (1958).
  package mutating func normal() -> Double { (-2 * log(1 - unit())).squareRoot() * cos(2 * Double.pi * unit()) }

  /// A number of events of which `mean` are expected; 0 if the mean is not above 0.
  package mutating func poisson(_ mean: Double) -> Int {
    mean < 10 ? fewEvents(mean) : manyEvents(mean)
  }

  /// Counts uniform numbers until their product falls below e^−mean (Knuth).
  private mutating func fewEvents(_ mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    let limit = exp(-mean)
    var (count, product) = (0, unit())
    while product > limit {
      count += 1
      product *= unit()
    }
    return count
  }

  /// Transformed rejection with squeeze (Hörmann 1993, algorithm PTRS).
  private mutating func manyEvents(_ mean: Double) -> Int {
    let root = mean.squareRoot()
    let b = 0.931 + 2.53 * root
    let a = -0.059 + 0.02483 * b
    let quickLimit = 0.9277 - 3.6224 / (b - 2)
    while true {
      // One draw gives both uniform numbers.
      let bits = next()
      let u = Double(bits >> 32) * 0x1p-32 - 0.5
      let v = Double(bits & 0xFFFF_FFFF) * 0x1p-32
      let distance = 0.5 - abs(u)
      let k = ((2 * a / distance + b) * u + mean + 0.43).rounded(.down)
      if distance >= 0.07 && v <= quickLimit { return Int(k) }
      if k < 0 || (distance < 0.013 && v > distance) { continue }
      let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
      let left = log(v * inverseAlpha / (a / (distance * distance) + b))
      if left <= -mean + k * log(mean) - lgamma(k + 1) { return Int(k) }
    }
  }
}
