#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension TablePreprocessing {
  /// The rules as JSON with sorted keys, as stored in a model file.
  public func jsonText() -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("Rules hold finite numbers only, which JSON can always express.")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// Reads what `jsonText()` wrote and checks every value, since the text may come from anywhere.
  ///
  /// - Throws: `DataError.invalidPreprocessing` with what is wrong.
  public init(jsonText: String) throws(DataError) {
    guard CombiningMarks.areFew(inJSON: jsonText) else {
      throw .invalidPreprocessing(reason: "a text has more than \(CombiningMarks.most) marks on a character")
    }
    do {
      self = try JSONDecoder().decode(TablePreprocessing.self, from: Data(jsonText.utf8))
    } catch let error as DataError {
      throw error
    } catch let error as DecodingError {
      throw .invalidPreprocessing(reason: Self.reason(of: error))
    } catch {
      throw .invalidPreprocessing(reason: "it is not JSON")
    }
  }

  private static func reason(of error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "\"\(key.stringValue)\" is not there"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(context.codingPath.last.map { "\"\($0.stringValue)\"" } ?? "it") is of the wrong type"
    case .dataCorrupted(let context):
      context.codingPath.last.map { "\"\($0.stringValue)\" has an unexpected value" } ?? "it is not JSON"
    @unknown default: "it is not JSON"
    }
  }
}

extension TablePreprocessing: Codable {
  private enum Key: String, CodingKey {
    case version, target, columns
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let version = try container.decode(Int.self, forKey: .version)
    try check(version == Self.formatVersion, "expected version \(Self.formatVersion), found \(version)")
    let target = try container.decode(StoredTarget.self, forKey: .target)
    let columns = try container.decode([ColumnEncoding].self, forKey: .columns)
    let names = columns.map(\.name) + [target.name]
    try check(Set(names).count == names.count, "two columns have the same name")
    self.init(target: target.name, targetEncoding: target.encoding, columns: columns)
    try check(!featureNames.isEmpty, "no column is used")
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.formatVersion, forKey: .version)
    try container.encode(StoredTarget(name: target, encoding: targetEncoding), forKey: .target)
    try container.encode(columns, forKey: .columns)
  }
}

private struct StoredTarget: Codable {
  let name: String
  let encoding: TargetEncoding

  private enum Key: String, CodingKey {
    case name, kind, mean, deviation, classes
  }

  init(name: String, encoding: TargetEncoding) {
    self.name = name
    self.encoding = encoding
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    name = try container.decode(String.self, forKey: .name)
    switch try container.decode(PredictionTask.self, forKey: .kind) {
    case .regression:
      let mean = try container.decode(Double.self, forKey: .mean)
      let deviation = try container.decode(Double.self, forKey: .deviation)
      try check(mean.isFinite && deviation.isFinite && deviation > 0, "the scale of \"\(name)\" is not positive")
      encoding = .regression(mean: mean, deviation: deviation)
    case .classification:
      let classes = try container.decode([String].self, forKey: .classes)
      try check(classes.count > 1 && Set(classes).count == classes.count, "the classes of \"\(name)\" are not distinct")
      encoding = .classification(classes: classes)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(encoding.task, forKey: .kind)
    switch encoding {
    case .regression(let mean, let deviation):
      try container.encode(mean, forKey: .mean)
      try container.encode(deviation, forKey: .deviation)
    case .classification(let classes):
      try container.encode(classes, forKey: .classes)
    }
  }
}

extension ColumnEncoding: Codable {
  private enum Key: String, CodingKey {
    case name, kind, mean, deviation, median, flagsMissing, levels, otherCount, reason
  }

  private enum Kind: String, Codable {
    case number, oneHot, missingFlag, dropped
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .name)
    switch try container.decode(Kind.self, forKey: .kind) {
    case .number:
      let mean = try container.decode(Double.self, forKey: .mean)
      let deviation = try container.decode(Double.self, forKey: .deviation)
      let median = try container.decode(Double.self, forKey: .median)
      try check(
        mean.isFinite && median.isFinite && deviation.isFinite && deviation > 0,
        "the scale of \"\(name)\" is not positive")
      let flagsMissing = try container.decode(Bool.self, forKey: .flagsMissing)
      self.init(
        name: name, rule: .number(mean: mean, deviation: deviation, median: median, flagsMissing: flagsMissing))
    case .oneHot:
      let levels = try container.decode([String].self, forKey: .levels)
      let otherCount = try container.decode(Int.self, forKey: .otherCount)
      try check(
        !levels.isEmpty && Set(levels).count == levels.count && otherCount >= 0 && otherCount < 1 << 40,
        "the categories of \"\(name)\" are not distinct")
      self.init(name: name, rule: .oneHot(levels: levels, otherCount: otherCount))
    case .missingFlag:
      self.init(name: name, rule: .missingFlag)
    case .dropped:
      self.init(name: name, rule: .dropped(reason: try container.decode(String.self, forKey: .reason)))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    switch rule {
    case .number(let mean, let deviation, let median, let flagsMissing):
      try container.encode(Kind.number, forKey: .kind)
      try container.encode(mean, forKey: .mean)
      try container.encode(deviation, forKey: .deviation)
      try container.encode(median, forKey: .median)
      try container.encode(flagsMissing, forKey: .flagsMissing)
    case .oneHot(let levels, let otherCount):
      try container.encode(Kind.oneHot, forKey: .kind)
      try container.encode(levels, forKey: .levels)
      try container.encode(otherCount, forKey: .otherCount)
    case .missingFlag:
      try container.encode(Kind.missingFlag, forKey: .kind)
    case .dropped(let reason):
      try container.encode(Kind.dropped, forKey: .kind)
      try container.encode(reason, forKey: .reason)
    }
  }
}

private func check(_ condition: Bool, _ reason: String) throws(DataError) {
  guard condition else { throw .invalidPreprocessing(reason: reason) }
}
