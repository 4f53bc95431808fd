import DescentCore

// In the formulas η is the first learning rate and t = step − 1 the number of steps made before.

extension ScheduleConvertible where Self == Schedule {
  /// η at every step.
  public static func constant(_ learningRate: Double) -> Schedule { Schedule(learningRate) }

  /// η · factor^⌊t / every⌋: falls by a factor at equal distances.
  public static func step(_ learningRate: Double, every interval: Int, factor: Double) -> Schedule {
    require(interval > 0, "step: the interval must be positive")
    return Schedule { step in learningRate * Tensor(weak: factor).pow(((step - 1) / interval).floor()) }
  }

  /// values[i] from t = boundaries[i − 1] on; there is one value more than there are boundaries, which ascend.
  public static func piecewise(_ values: [Double], boundaries: [Int]) -> Schedule {
    require(values.count == boundaries.count + 1, "piecewise: needs one value more than boundaries")
    require(isAscending(boundaries), "piecewise: the boundaries must ascend")
    return Schedule { step in
      let first = Tensor(values[0], dtype: step.dtype)
      return zip(values.dropFirst(), boundaries).reduce(first) { (step - 1 .< $1.1).select($0, Tensor(weak: $1.0)) }
    }
  }

  /// η · factorⁱ after i milestones: a piecewise constant schedule that falls by one factor.
  public static func milestones(_ learningRate: Double, at milestones: [Int], factor: Double) -> Schedule {
    var values = [learningRate]
    for _ in milestones { values.append(values[values.count - 1] * factor) }
    return piecewise(values, boundaries: milestones)
  }

  /// η · factorᵗ.
  public static func exponential(_ learningRate: Double, factor: Double) -> Schedule {
    Schedule { step in learningRate * Tensor(weak: factor).pow(step - 1) }
  }

  /// η · (1 − t / totalSteps)^power, and 0 from totalSteps on.
  public static func polynomial(_ learningRate: Double, totalSteps: Int, power: Double = 1) -> Schedule {
    require(totalSteps > 0, "polynomial: the number of steps must be positive")
    return Schedule { step in learningRate * (1 - share(of: step - 1, in: totalSteps)).pow(power) }
  }

  /// Half a cosine from η down to `minimum` at t = period, where it stays (Loshchilov & Hutter 2017).
  public static func cosine(_ learningRate: Double, period: Int, minimum: Double = 0) -> Schedule {
    require(period > 0, "cosine: the period must be positive")
    return Schedule { step in annealed(from: learningRate, to: minimum, share(of: step - 1, in: period)) }
  }

  /// Half a cosine from η down to `minimum` that starts again after each period, every period `periodFactor` times as
  /// long as the one before (Loshchilov & Hutter 2017, "SGDR").
  public static func cosineRestarts(
    _ learningRate: Double, period: Int, periodFactor: Int = 1, minimum: Double = 0
  ) -> Schedule {
    require(period > 0 && periodFactor > 0, "cosineRestarts: the period and its factor must be positive")
    return Schedule { step in
      let t = step - 1
      if periodFactor == 1 {
        return annealed(from: learningRate, to: minimum, t / period - (t / period).floor())
      }
      // Summed up restart by restart: a logarithm would miss a restart by rounding. Float32 counts to 2²⁴, float64
      // further than any training goes.
      let last = 1 << (step.dtype == .float64 && Int.bitWidth == 64 ? 40 : 24)
      var start = Tensor(0, dtype: step.dtype)
      var length = Tensor(period, dtype: step.dtype)
      var restart = period
      var next = period
      while restart < last {
        let isPast = (t .>= restart).cast(to: step.dtype)
        start += isPast * next
        length += isPast * (next * periodFactor - next)
        next *= periodFactor
        restart += next
      }
      return annealed(from: learningRate, to: minimum, (t - start) / length)
    }
  }

  /// Up from maximum / initialDivisor to `maximum`, then down to maximum / (initialDivisor · finalDivisor), each along
  /// half a cosine; the top is reached at t = warmUpShare · totalSteps − 1, the end at totalSteps − 1, where it stays
  /// (Smith & Topin 2018, in PyTorch's form).
  public static func oneCycle(
    maximum: Double, totalSteps: Int, warmUpShare: Double = 0.3, initialDivisor: Double = 25,
    finalDivisor: Double = 1e4
  ) -> Schedule {
    let top = warmUpShare * Double(totalSteps) - 1
    let end = Double(totalSteps - 1)
    require(top > 0 && top < end, "oneCycle: the warm-up must take more than one step and less than all")
    let initial = maximum / initialDivisor
    return Schedule { step in
      let t = step - 1
      let up = annealed(from: initial, to: maximum, t / top)
      let down = annealed(
        from: maximum, to: initial / finalDivisor, minimum(t - top, Tensor(weak: end - top)) / (end - top))
      return (t .<= top).select(up, down)
    }
  }

  /// For `steps` steps, the next schedule's first learning rate times a factor that grows linearly from `start` at
  /// t = 0 to 1 at t = steps; then the next schedule from its first step on.
  public static func warmUp(_ steps: Int, from start: Double = 0.01, then next: some ScheduleConvertible) -> Schedule {
    require(steps > 0, "warmUp: the number of steps must be positive")
    let next = next.schedule
    let rise: Double = 1 - start
    return Schedule { step in
      let t = step - 1
      let rising = next(Tensor(1, dtype: step.dtype)) * (start + rise * (t / steps))
      return (t .< steps).select(rising, next(maximum(step - steps, 1)))
    }
  }
}

/// t / total, cut at 1.
private func share(of t: Tensor, in total: Int) -> Tensor { minimum(t / total, 1) }

/// Half a cosine: `start` where x is 0, `end` where it is 1.
private func annealed(from start: Double, to end: Double, _ x: Tensor) -> Tensor {
  let amplitude: Double = (start - end) / 2
  return end + amplitude * (1 + (Double.pi * x).cos())
}

private func isAscending(_ numbers: [Int]) -> Bool { zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 } }
