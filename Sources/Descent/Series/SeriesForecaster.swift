import DescentCPU
import DescentCore

/// A way to forecast the values after `time` from those up to it.
struct SeriesForecaster {
  let name: String
  /// Whether it can say something at that time.
  let first: Int
  let forecasts: (_ times: [Int]) throws(SeriesError) -> [[Double]]

  init(
    _ name: String, from first: Int = 0, _ forecasts: @escaping (_ times: [Int]) throws(SeriesError) -> [[Double]]
  ) {
    self.name = name
    self.first = first
    self.forecasts = forecasts
  }

  /// What needs no learning: the last value, that of a season ago, and the line from the first value through the last.
  static func naive(_ values: [Double], horizon: Int, season: Season?) -> [SeriesForecaster] {
    let last = SeriesForecaster("last value") { times in
      times.map { Array(repeating: values[$0], count: horizon) }
    }
    let drift = SeriesForecaster("drift", from: 1) { times in
      times.map { time in
        (1...horizon).map { values[time] + Double($0) * (values[time] - values[0]) / Double(time) }
      }
    }
    guard let length = season?.length else { return [last, drift] }
    let seasonal = SeriesForecaster("season ago", from: length - 1) { times in
      times.map { time in (1...horizon).map { values[time + $0 - (($0 - 1) / length + 1) * length] } }
    }
    return [last, seasonal, drift]
  }
}

/// What forecasters say at each of some times, the steps ahead side by side.
struct SeriesForecasts {
  let times: [Int]
  /// Those of the forecasters that can say something at all of the times.
  let byName: [(name: String, forecasts: [[Double]])]

  init(_ forecasters: [SeriesForecaster], times: [Int]) throws(SeriesError) {
    self.times = times
    var byName: [(name: String, forecasts: [[Double]])] = []
    for forecaster in forecasters where (times.first ?? 0) >= forecaster.first {
      byName.append((forecaster.name, try forecaster.forecasts(times)))
    }
    self.byName = byName
  }

  /// Scores them against the values, all of which follow the times.
  func test(values: [Double], horizon: Int, unit: Double) -> SeriesTest {
    let scores = byName.map { name, forecasts in
      let errors = (0..<horizon).map { step in zip(times, forecasts).map { $1[step] - values[$0 + 1 + step] } }
      return SeriesForecasterScores(
        name: name, overall: SeriesScores(errors: errors.flatMap(\.self), unit: unit),
        byStep: errors.map { SeriesScores(errors: $0, unit: unit) })
    }
    return SeriesTest(forecastCount: times.count, scores: scores)
  }
}

/// The mean absolute difference of values a season apart, or of neighbours.
func seasonalUnit(_ values: ArraySlice<Double>, season: Season?) -> Double {
  let differences = zip(values.dropFirst(season?.length ?? 1), values).map { ($0 - $1).magnitude }
  return differences.isEmpty ? 0 : differences.reduce(0, +) / Double(differences.count)
}
