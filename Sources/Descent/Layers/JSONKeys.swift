#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The keys of a JSON text, without its values.
indirect enum JSONKeys: Decodable {
  case object([String: JSONKeys])
  case list([JSONKeys])
  case leaf

  init(_ text: String) throws(ArchitectureError) {
    guard CombiningMarks.areFew(inJSON: text) else {
      throw ArchitectureError(
        path: "", problem: "expected texts with at most \(CombiningMarks.most) marks on a character")
    }
    do {
      self = try JSONDecoder().decode(JSONKeys.self, from: Data(text.utf8))
    } catch {
      throw ArchitectureError(path: "", problem: "expected JSON")
    }
  }

  init(from decoder: any Decoder) throws {
    if let members = try? decoder.singleValueContainer().decode([String: JSONKeys].self) {
      self = .object(members)
    } else if let elements = try? decoder.singleValueContainer().decode([JSONKeys].self) {
      self = .list(elements)
    } else {
      self = .leaf
    }
  }

  func firstKey(notIn other: JSONKeys) -> [String]? {
    switch (self, other) {
    case (.object(let members), .object(let known)):
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        guard let counterpart = known[key] else { return [key] }
        if let path = value.firstKey(notIn: counterpart) { return [key] + path }
      }
    case (.list(let elements), .list(let known)):
      for (index, (element, counterpart)) in zip(elements, known).enumerated() {
        if let path = element.firstKey(notIn: counterpart) { return ["\(index)"] + path }
      }
    default: return nil
    }
    return nil
  }
}
