extension PlaygroundSettings {
  /// Settings as a page hands them over: pattern, noise, number of points, training share, features (1 for the first,
  /// 2 for the second, 4 for the third, … added up), activation, optimizer, learning rate, penalty, penalty rate, batch
  /// size, seed, then the number of units of each hidden layer. Choices are numbered in the order they are declared.
  package init(numbers: [Double]) throws(SettingsError) {
    guard numbers.count >= PlaygroundSettings.fixedCount else {
      throw SettingsError(
        "settings: \(numbers.count) numbers, expected \(PlaygroundSettings.fixedCount) and one for each hidden layer")
    }
    func whole(_ index: Int, _ name: String) throws(SettingsError) -> Int {
      guard let value = Int(exactly: numbers[index]), value >= 0 else {
        throw SettingsError("\(name): must be a whole number, not negative")
      }
      return value
    }
    func choice<Choice: RawRepresentable>(
      _ index: Int, _ name: String
    ) throws(SettingsError) -> Choice where Choice.RawValue == Int {
      guard let value = Choice(rawValue: try whole(index, name)) else {
        throw SettingsError("\(name): there is no choice of this number")
      }
      return value
    }
    pattern = try choice(0, "pattern")
    noise = numbers[1]
    pointCount = try whole(2, "pointCount")
    trainingShare = numbers[3]
    let chosen = try whole(4, "features")
    guard chosen < 1 << PointFeature.allCases.count else {
      throw SettingsError("features: there are only \(PointFeature.allCases.count)")
    }
    features = PointFeature.allCases.filter { chosen & (1 << $0.rawValue) != 0 }
    activation = try choice(5, "activation")
    optimizer = try choice(6, "optimizer")
    learningRate = numbers[7]
    penalty = try choice(8, "penalty")
    penaltyRate = numbers[9]
    batchSize = try whole(10, "batchSize")
    seed = UInt64(try whole(11, "seed"))
    hiddenLayers = []
    for index in PlaygroundSettings.fixedCount..<numbers.count {
      hiddenLayers.append(try whole(index, "hiddenLayers"))
    }
  }

  private static let fixedCount = 12
}
