import ArgumentParser
import Descent

/// Reads the text of an option, so that a wrong one is answered in one sentence that says what was expected.
struct OptionReading {
  let option: String

  init(_ option: String) { self.option = option }

  func whole(_ text: String, in range: ClosedRange<Int>) throws -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw wrong("a whole number from \(range.lowerBound) to \(range.upperBound)", text)
    }
    return value
  }

  func seed(_ text: String) throws -> UInt64 {
    guard let value = UInt64(text) else { throw wrong("a whole number from 0 to 2⁶⁴ − 1", text) }
    return value
  }

  func number(_ text: String, in range: ClosedRange<Double>, _ expected: String) throws -> Double {
    guard let value = Double(text), range.contains(value) else { throw wrong(expected, text) }
    return value
  }

  func layerSizes(_ text: String) throws -> [Int] {
    if text == "none" { return [] }
    let sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard sizes.allSatisfy({ $0.map { (1...16_384).contains($0) } ?? false }) else {
      throw wrong("sizes of layers from 1 to 16384 such as 64,64, or none", text)
    }
    return sizes.compactMap(\.self)
  }

  func delimiter(_ text: String) throws -> Character {
    if text == "tab" || text == "\\t" { return "\t" }
    guard text.count == 1, let character = text.first, (try? CSVReader.checkDelimiter(character)) != nil else {
      throw wrong("one character such as \";\", or tab", text)
    }
    return character
  }

  func choice<Value: RawRepresentable>(_ text: String, among values: [Value]) throws -> Value
  where Value.RawValue == String {
    guard let value = values.first(where: { $0.rawValue == text }) else {
      throw wrong(values.map(\.rawValue).joined(separator: " or "), text)
    }
    return value
  }

  func wrong(_ expected: String, _ found: String) -> ValidationError {
    ValidationError("\(option): expected \(expected), found \"\(found)\".")
  }
}
