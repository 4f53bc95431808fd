import DescentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Makes the changes of an augmentation on images of one size, [height, width, channels] of bytes, in place.
struct Augmenter {
  let augmentation: Augmentation
  let height: Int
  let width: Int
  let channels: Int

  typealias Pixels = UnsafeMutableBufferPointer<UInt8>

  /// - Parameter spare: room for another image.
  func change(_ pixels: Pixels, spare: Pixels, _ random: inout AugmentationRandom) {
    for step in augmentation.steps {
      switch step {
      case .shift(let most):
        let rows = random.whole(from: -most, through: most)
        let columns = random.whole(from: -most, through: most)
        shift(pixels, rows, columns)
      case .flipHorizontally(let probability): if random.unit() < probability { mirrorRows(pixels) }
      case .flipVertically(let probability): if random.unit() < probability { mirrorColumns(pixels) }
      case .rotate(let degrees):
        rotate(pixels, spare, by: random.real(from: -degrees, to: degrees) * Double.pi / 180)
      case .crop(let share): crop(pixels, spare, &random, share: share)
      case .cutout(let side): cutOut(pixels, &random, side: side)
      case .brightness(let range): scale(pixels, by: random.real(from: 1 - range, to: 1 + range), about: 0)
      case .contrast(let range):
        var sum = 0
        for sample in pixels { sum += Int(sample) }
        let mean = Double(sum) / Double(pixels.count)
        scale(pixels, by: random.real(from: 1 - range, to: 1 + range), about: mean)
      }
    }
  }

  private var rowSize: Int { width * channels }

  // MARK: - Moving whole pixels

  /// Moves rows down and columns to the right.
  private func shift(_ pixels: Pixels, _ rows: Int, _ columns: Int) {
    guard let base = pixels.baseAddress, rows != 0 || columns != 0 else { return }
    let kept = (width - abs(columns)) * channels
    let (from, to) = (max(-columns, 0) * channels, max(columns, 0) * channels)
    // Rows are written in the order in which none is needed any more.
    let order = rows > 0 ? stride(from: height - 1, through: 0, by: -1) : stride(from: 0, through: height - 1, by: 1)
    for row in order {
      let target = base + row * rowSize
      let source = row - rows
      guard (0..<height).contains(source) else {
        target.update(repeating: 0, count: rowSize)
        continue
      }
      memmove(target + to, base + source * rowSize + from, kept)
      (columns > 0 ? target : target + kept).update(repeating: 0, count: rowSize - kept)
    }
  }

  private func mirrorRows(_ pixels: Pixels) {
    for row in 0..<height {
      var (left, right) = (row * rowSize, (row + 1) * rowSize - channels)
      while left < right {
        for channel in 0..<channels { pixels.swapAt(left + channel, right + channel) }
        left += channels
        right -= channels
      }
    }
  }

  private func mirrorColumns(_ pixels: Pixels) {
    for row in 0..<height / 2 {
      let other = height - 1 - row
      for index in 0..<rowSize { pixels.swapAt(row * rowSize + index, other * rowSize + index) }
    }
  }

  private func cutOut(_ pixels: Pixels, _ random: inout AugmentationRandom, side: Int) {
    let top = random.whole(from: 0, through: height - 1) - side / 2
    let left = random.whole(from: 0, through: width - 1) - side / 2
    let (start, end) = (max(left, 0) * channels, min(left + side, width) * channels)
    for row in max(top, 0)..<min(top + side, height) {
      Pixels(rebasing: pixels[row * rowSize + start..<row * rowSize + end]).update(repeating: 0)
    }
  }

  // MARK: - Changing values

  private func scale(_ pixels: Pixels, by factor: Double, about center: Double) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { table in
      for value in 0..<256 {
        let scaled = (Double(value) - center) * factor + center
        table[value] = UInt8(min(max(scaled.rounded(), 0), 255))
      }
      for index in pixels.indices { pixels[index] = table[Int(pixels[index])] }
    }
  }

  // MARK: - Sampling between pixels

  /// Where the first pixel comes from, and how the place moves from column to column and from row to row; in units of
  /// 2⁻¹⁶ pixels, so that all machines agree.
  private struct Map {
    var x, y, columnX, columnY, rowX, rowY: Int

    static func fixed(_ value: Double) -> Int { Int((value * 65536).rounded()) }
  }

  private func rotate(_ pixels: Pixels, _ spare: Pixels, by angle: Double) {
    let (cosine, sine) = (cos(angle), sin(angle))
    let (centerX, centerY) = (Double(width - 1) / 2, Double(height - 1) / 2)
    warp(
      pixels, spare,
      Map(
        x: Map.fixed(centerX - cosine * centerX - sine * centerY),
        y: Map.fixed(centerY + sine * centerX - cosine * centerY), columnX: Map.fixed(cosine),
        columnY: Map.fixed(-sine), rowX: Map.fixed(sine), rowY: Map.fixed(cosine)))
  }

  private func crop(_ pixels: Pixels, _ spare: Pixels, _ random: inout AugmentationRandom, share: Double) {
    let scale = random.real(from: share, to: 1).squareRoot()
    let x = random.unit() * (1 - scale) * Double(width)
    let y = random.unit() * (1 - scale) * Double(height)
    // The centre of the first pixel of the part, in whose grid pixels are wider by 1 / scale.
    warp(
      pixels, spare,
      Map(
        x: Map.fixed(x + scale / 2 - 0.5), y: Map.fixed(y + scale / 2 - 0.5), columnX: Map.fixed(scale), columnY: 0,
        rowX: 0, rowY: Map.fixed(scale)), keepingInside: true)
  }

  /// Puts at each pixel what lies at its place in the map, between four pixels their mean by distance.
  ///
  /// - Parameter keepingInside: whether places outside take the nearest pixel; else they are black.
  private func warp(_ pixels: Pixels, _ spare: Pixels, _ map: Map, keepingInside: Bool = false) {
    guard let source = spare.baseAddress, let target = pixels.baseAddress else { return }
    source.update(from: target, count: height * rowSize)
    var index = 0
    for row in 0..<height {
      var (x, y) = (map.x + row * map.rowX, map.y + row * map.rowY)
      for _ in 0..<width {
        let placeX = keepingInside ? min(max(x, 0), (width - 1) << 16) : x
        let placeY = keepingInside ? min(max(y, 0), (height - 1) << 16) : y
        let (left, top) = (placeX >> 16, placeY >> 16)
        let (toRight, down) = (placeX >> 8 & 255, placeY >> 8 & 255)
        let isInside = left >= 0 && top >= 0 && left < width - 1 && top < height - 1
        for channel in 0..<channels {
          let corner = (top * width + left) * channels + channel
          func sample(_ row: Int, _ column: Int) -> Int {
            let isThere = isInside || ((0..<height).contains(top + row) && (0..<width).contains(left + column))
            return isThere ? Int(source[corner + row * rowSize + column * channels]) : 0
          }
          let upper = sample(0, 0) * (256 - toRight) + sample(0, 1) * toRight
          let lower = sample(1, 0) * (256 - toRight) + sample(1, 1) * toRight
          target[index] = UInt8((upper * (256 - down) + lower * down + 1 << 15) >> 16)
          index += 1
        }
        x += map.columnX
        y += map.columnY
      }
    }
  }
}

/// The random numbers of one image in one epoch: a function of the seed, the epoch and the row.
struct AugmentationRandom {
  private var source: RandomSource

  init(seed: UInt64, epoch: Int, row: Int) {
    // A key from a key: of the epoch, then of the row, each a block of counters of its own.
    let key = Self.key(from: seed, UInt64(truncatingIfNeeded: epoch))
    source = RandomSource(Self.key(from: key, UInt64(truncatingIfNeeded: row)))
  }

  private static func key(from key: UInt64, _ number: UInt64) -> UInt64 {
    let words = threefry(
      (UInt32(truncatingIfNeeded: key >> 32), UInt32(truncatingIfNeeded: key)),
      (UInt32(truncatingIfNeeded: number >> 32), UInt32(truncatingIfNeeded: number)))
    return UInt64(words.0) << 32 | UInt64(words.1)
  }

  /// Uniform on [0, 1).
  mutating func unit() -> Double { Double(source.next() >> 11) * 0x1p-53 }

  mutating func real(from low: Double, to high: Double) -> Double { low + (high - low) * unit() }

  mutating func whole(from low: Int, through high: Int) -> Int { low + Int(unit() * Double(high - low + 1)) }

  /// From the beta distribution with both parameters `shape`: of two gamma variables the share of one.
  mutating func beta(_ shape: Double) -> Double {
    let (left, right) = (logGamma(shape), logGamma(shape))
    return 1 / (1 + exp(right - left))
  }

  /// The logarithm of a gamma variable (Marsaglia & Tsang 2000); for small shapes the variable itself may be 0.
  private mutating func logGamma(_ shape: Double) -> Double {
    guard shape >= 1 else { return logGamma(shape + 1) + log(1 - unit()) / shape }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = (-2 * log(1 - unit())).squareRoot() * cos(2 * Double.pi * unit())
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      if log(1 - unit()) < x * x / 2 + d - d * v + d * log(v) { return log(d * v) }
    }
  }
}
