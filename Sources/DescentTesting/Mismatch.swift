/// What a check of this library throws when it fails: one sentence with what was found and what was expected.
///
/// The checks throw instead of recording, so that they work with every test framework: `try expectClose(…)`.
public struct Mismatch: Error, CustomStringConvertible, Sendable {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// Throws a `Mismatch` with the text unless the condition holds.
func require(_ condition: Bool, _ description: @autoclosure () -> String) throws {
  if !condition { throw Mismatch(description()) }
}
