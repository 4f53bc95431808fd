/// What the settings of tables, images, texts and series have in common; each problem names only what is wrong.
extension ConfigurationProblem {
  /// What a number may be.
  struct Bounds: Sendable {
    /// After the name of a setting.
    let words: String
    let hold: @Sendable (Double) -> Bool

    static let above0 = Bounds(words: "above 0 and finite") { $0 > 0 && $0.isFinite }
    static let atLeast0 = Bounds(words: "of at least 0 and finite") { $0 >= 0 && $0.isFinite }
    static let below1 = Bounds(words: "from 0 to below 1") { $0 >= 0 && $0 < 1 }
    static let share = Bounds(words: "above 0 and below 1") { $0 > 0 && $0 < 1 }
    /// Three decades; a clock cannot count to any number.
    static let seconds = Bounds(words: "above 0, at most 1000000000") { $0 > 0 && $0 <= 1e9 }
  }

  /// The first setting with a number that is out of bounds; nil if there is none.
  ///
  /// - Parameter settings: the numbers of each; one that is nil is chosen by the library.
  static func outside(_ bounds: Bounds, _ settings: KeyValuePairs<String, [Double?]>) -> Self? {
    for (name, numbers) in settings {
      for case let number? in numbers where !bounds.hold(number) {
        return Self("expected \(name) \(bounds.words), found \(number)", of: name)
      }
    }
    return nil
  }

  /// The first setting that counts something and is out of reason, so that products of two of them are whole numbers.
  ///
  /// - Parameters:
  ///   - settings: the numbers of each; one that is nil is chosen by the library.
  ///   - least: the least that each may be.
  static func outsideCounts(_ settings: KeyValuePairs<String, [Int?]>, from least: Int = 1) -> Self? {
    let most = 1_000_000_000
    for (name, numbers) in settings {
      for case let number? in numbers where !(least...most).contains(number) {
        return Self("expected \(name) from \(least) to \(most), found \(number)", of: name)
      }
    }
    return nil
  }

  /// What is wrong with the shares of a split.
  ///
  /// - Parameter kind: what is split, "rows".
  static func ofShares(validation: Double, test: Double, of kind: String) -> Self? {
    guard [validation, test].allSatisfy({ $0 > 0 && $0 < 1 }), validation + test < 1 else {
      return Self(
        "expected validationShare and testShare above 0 that leave \(kind) for training, found \(validation) and \(test)",
        of: "testShare", "validationShare")
    }
    return nil
  }
}
