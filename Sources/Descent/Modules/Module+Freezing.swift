extension Module {
  /// Keeps training from changing the parameters whose path satisfies the condition. A tied parameter is frozen if any
  /// of its paths does. It is the parameter that is frozen, so every copy of the model sees it.
  ///
  /// ```swift
  /// model.freeze { path in path.hasPrefix("encoder.") }
  /// ```
  public func freeze(matching condition: (String) -> Bool = { _ in true }) { setFrozen(true, condition) }

  /// Lets training change the parameters whose path satisfies the condition.
  public func unfreeze(matching condition: (String) -> Bool = { _ in true }) { setFrozen(false, condition) }

  private func setFrozen(_ isFrozen: Bool, _ condition: (String) -> Bool) {
    for entry in ParameterTree(self).parameters where entry.paths.contains(where: condition) {
      entry.storage.isFrozen = isFrozen
    }
  }
}
