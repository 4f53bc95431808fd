extension ArchitectureError {
  static func path(_ keys: [any CodingKey]) -> String {
    keys.map { key in key.intValue.map { "\($0)" } ?? key.stringValue }.joined(separator: ".")
  }

  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self.init(path: Self.path(context.codingPath), problem: "expected a value for \"\(key.stringValue)\"")
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      self.init(path: Self.path(context.codingPath), problem: "expected \(Self.phrase(for: type))")
    case .dataCorrupted(let context):
      // A number that does not fit its place is reported without a path.
      let problem =
        context.codingPath.isEmpty
        ? "found a number that does not fit, such as a fraction for a size" : "found a value that is not allowed here"
      self.init(path: Self.path(context.codingPath), problem: problem)
    @unknown default: self.init(path: "", problem: "\(error)")
    }
  }

  private static func phrase(for type: any Any.Type) -> String {
    switch type {
    case is Int.Type: "a whole number"
    case is Double.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "a text"
    case is any Sequence.Type: "a list or an object"
    default: "\(type)"
    }
  }
}
