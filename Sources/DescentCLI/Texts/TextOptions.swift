import ArgumentParser
import Descent

extension TrainCommand {
  /// The options of texts.
  func textConfiguration() throws -> TextConfiguration {
    var result = TextConfiguration()
    func count(_ name: String, _ text: String?, most: Int) throws -> Int? {
      try text.map { try OptionReading(name).whole($0, in: 1...most) }
    }
    if let tokens { result.tokens = try OptionReading("--tokens").tokens(tokens) }
    result.layers = try count("--layers", layers, most: 1000)
    result.heads = try count("--heads", heads, most: 1024)
    result.width = try count("--width", width, most: 16_384)
    result.context = try count("--context", context, most: 65_536)
    result.batchSize = try count("--batch-size", batchSize, most: 1_000_000)
    result.steps = try count("--steps", steps, most: 1_000_000_000)
    result.accumulation = try count("--accumulate", accumulate, most: 1_000_000) ?? 1
    result.recomputes = recompute
    result.shufflesLines = shuffleLines
    if let time { result.seconds = try OptionReading("--time").duration(time) }
    if let dropout {
      result.dropout = try OptionReading("--dropout").number(dropout, in: 0...0.95, "a share from 0 to 0.95")
    }
    if let learningRate {
      result.learningRate = try OptionReading("--learning-rate")
        .number(learningRate, in: 1e-12...1000, "a number from 1e-12 to 1000 such as 0.001")
    }
    if let precision {
      result.precision = try OptionReading("--precision").choice(precision, among: Precision.allCases)
    }
    if let testShare {
      result.validationShare = try OptionReading("--test-share")
        .number(testShare, in: 0.01...0.8, "a share from 0.01 to 0.8")
    }
    if let seed { result.seed = try OptionReading("--seed").seed(seed) }
    return result
  }
}

extension OptionReading {
  /// Seconds from a number of them or of minutes or hours: 90, 90s, 10m, 1.5h.
  func duration(_ text: String) throws -> Double {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[$0] }
    let number = unit == nil ? text[...] : text.dropLast()
    guard let value = Double(number), value > 0, value * (unit ?? 1) <= 1e9, number.first != "+" else {
      throw wrong("a time such as 90, 90s, 10m or 1h", text)
    }
    return value * (unit ?? 1)
  }

  fileprivate func tokens(_ text: String) throws -> TextConfiguration.Tokens {
    if text == "characters" { return .characters }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "byte-pairs", let count = Int(parts[1]), (257...131_072).contains(count) else {
      throw wrong("characters, or byte-pairs:N with N from 257 to 131072", text)
    }
    return .bytePairs(count)
  }
}
