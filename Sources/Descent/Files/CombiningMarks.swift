/// Looking up a text takes Unicode's normal form, which orders the marks on a character in quadratic time: texts of
/// others may not have more marks in a row than Unicode's limit for streams (UAX #15), which no real text has.
struct CombiningMarks {
  static let most = 30
  private var inARow = 0

  /// Counts a scalar; whether there are still few enough.
  mutating func areFew(after scalar: Unicode.Scalar) -> Bool {
    let isMark = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
    inARow = isMark ? inARow + 1 : 0
    return inARow <= Self.most
  }

  static func areFew(in text: String) -> Bool {
    guard text.utf8.count > 2 * most else { return true }  // a mark takes two bytes at least
    var marks = CombiningMarks()
    return text.unicodeScalars.allSatisfy { marks.areFew(after: $0) }
  }

  /// Whether that holds for the texts in JSON, where a mark may also be written as `\u0301`.
  static func areFew(inJSON text: String) -> Bool {
    var marks = CombiningMarks()
    var escape = EscapedScalar()
    for scalar in text.unicodeScalars {
      switch escape.read(scalar) {
      case .pending: continue
      case .scalar(let scalar): guard marks.areFew(after: scalar) else { return false }
      }
    }
    return true
  }
}

/// Puts `\uXXXX` and pairs of them together, as far as marks are concerned.
private struct EscapedScalar {
  enum Result {
    case pending
    case scalar(Unicode.Scalar)
  }

  private var isAfterBackslash = false
  private var digitsLeft = 0
  private var value: UInt32 = 0
  private var highSurrogate: UInt32?

  mutating func read(_ scalar: Unicode.Scalar) -> Result {
    if digitsLeft > 0 {
      value = value << 4 | UInt32(Character(scalar).hexDigitValue ?? 0)
      digitsLeft -= 1
      return digitsLeft > 0 ? .pending : finish()
    }
    if isAfterBackslash {
      isAfterBackslash = false
      guard scalar == "u" else { return .scalar(scalar) }
      (digitsLeft, value) = (4, 0)
      return .pending
    }
    isAfterBackslash = scalar == "\\"
    return isAfterBackslash ? .pending : .scalar(scalar)
  }

  private mutating func finish() -> Result {
    if 0xD800..<0xDC00 ~= value {
      highSurrogate = value
      return .pending
    }
    defer { highSurrogate = nil }
    if let highSurrogate, 0xDC00..<0xE000 ~= value {
      value = 0x10000 + (highSurrogate - 0xD800) << 10 + (value - 0xDC00)
    }
    return .scalar(Unicode.Scalar(value) ?? "?")
  }
}
