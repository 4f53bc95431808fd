/// What the settings of tables, images, texts and series have in common; each problem names only what is wrong.
extension ConfigurationProblem {
  static let above0 = Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude
  static let atLeast0 = 0...Double.greatestFiniteMagnitude

  /// The first setting with a number that is not within a range; nil if there is none.
  ///
  /// - Parameters:
  ///   - words: says which the range is, after the name of the setting.
  ///   - settings: the numbers of each; one that is nil is chosen by the library.
  static func outside<Number: Comparable>(
    _ range: some RangeExpression<Number>, _ words: String, _ settings: KeyValuePairs<String, [Number?]>
  ) -> Self? {
    for (name, numbers) in settings {
      for case let number? in numbers where !range.contains(number) {
        return Self("expected \(name) \(words), found \(number)", of: name)
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
