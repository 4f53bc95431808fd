import Descent

/// What is said of images that are equal.
struct EqualImagesText {
  /// How many there are; and, where there are some of the kind, how many have another label, or are in another part.
  let lines: [String]

  init(_ equal: EqualImages) {
    func line(_ finding: EqualImages.Finding, _ subject: String, _ verb: (one: String, many: String), _ rest: String)
      -> String?
    {
      guard let example = finding.example else { return nil }
      return "\(subject) \(finding.count == 1 ? verb.one : verb.many) \(rest), as \(printable(example.copy)) and "
        + printable(example.original)
    }
    lines = [
      line(equal.all, counted(equal.all.count, "image"), ("is", "are"), "equal to an earlier one") ?? "none",
      line(equal.otherLabels, "\(equal.otherLabels.count) of them", ("has", "have"), "another label"),
      line(equal.otherParts, "\(equal.otherParts.count) of them", ("is", "are"), "in another part"),
    ].compactMap(\.self)
  }
}

extension EqualImages {
  /// By the names that they have in lines of JSON.
  var kinds: [String: Finding] { ["all": all, "otherLabels": otherLabels, "otherParts": otherParts] }
}
