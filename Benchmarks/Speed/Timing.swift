/// How long one step took, over samples of a few milliseconds or one step each.
struct Timing {
  let medianMicroseconds: Double
  let minimumMicroseconds: Double
  let steps: Int

  /// Resets, warms up for a fifth of the time, then runs for about so many seconds and at least three samples.
  init(_ prepared: Prepared, seconds: Double) throws {
    let sampleMicroseconds = 5000.0
    try prepared.reset()
    try prepared.run(1)
    var count = 1
    var taken = try microseconds { try prepared.run(count) }
    var warmUp = taken
    while warmUp < seconds * 200_000 {
      count = max(1, Int(sampleMicroseconds / taken * Double(count)))
      taken = try microseconds { try prepared.run(count) }
      warmUp += taken
    }
    try prepared.reset()
    var samples: [Double] = []
    var total = 0.0
    while total < seconds * 1_000_000 || samples.count < 3 {
      let sample = try microseconds { try prepared.run(count) }
      samples.append(sample / Double(count))
      total += sample
    }
    samples.sort()
    medianMicroseconds = (samples[samples.count / 2] + samples[(samples.count - 1) / 2]) / 2
    minimumMicroseconds = samples[0]
    steps = samples.count * count
  }
}

func microseconds(_ body: () throws -> Void) rethrows -> Double {
  let time = try ContinuousClock().measure(body).components
  return Double(time.seconds) * 1e6 + Double(time.attoseconds) / 1e12
}
