/// Paragraphs of plain text; an empty line begins a new one.
public struct Prose: ReportBlock {
  public var text: String

  public init(_ text: String) { self.text = text }

  public var html: String {
    let paragraphs = text.split(separator: "\n", omittingEmptySubsequences: false)
      .split(whereSeparator: \.isEmpty).map { $0.joined(separator: "\n") }
    return paragraphs.map { "<p dir=\"auto\">\(Markup.lines($0))</p>\n" }.joined()
  }
}

/// A list of sentences.
public struct Points: ReportBlock {
  public var sentences: [String]

  public init(_ sentences: [String]) { self.sentences = sentences }

  public var html: String {
    guard !sentences.isEmpty else { return "" }
    return "<ul>\n" + sentences.map { "<li dir=\"auto\">\(Markup.lines($0))</li>\n" }.joined() + "</ul>\n"
  }
}

/// Lines to copy: a command, a program.
public struct CodeBlock: ReportBlock {
  public var text: String
  public var caption: String

  public init(_ text: String, caption: String = "") {
    self.text = text
    self.caption = caption
  }

  public var html: String {
    let heading = caption.isEmpty ? "" : "<p class=\"note\">\(Markup.line(caption))</p>\n"
    return "\(heading)<pre class=\"scroll\" tabindex=\"0\"><code>\(Markup.lines(text))</code></pre>\n"
  }
}

/// Texts with a heading each, such as what a language model wrote; line breaks stay.
public struct TextSamples: ReportBlock {
  public var samples: [(title: String, text: String)]

  public init(_ samples: [(title: String, text: String)]) { self.samples = samples }

  public var html: String {
    samples.map { sample in
      let heading = sample.title.isEmpty ? "" : "<p class=\"note\">\(Markup.line(sample.title))</p>\n"
      return "<div class=\"sample\">\n\(heading)<p dir=\"auto\">\(Markup.lines(sample.text))</p>\n</div>\n"
    }.joined()
  }
}

/// The few figures a reader looks for first, each with what it is.
public struct KeyFacts: ReportBlock {
  public var facts: [(name: String, value: String)]

  public init(_ facts: [(name: String, value: String)]) { self.facts = facts }

  public init(_ facts: KeyValuePairs<String, String>) { self.facts = facts.map { (name: $0.key, value: $0.value) } }

  public var html: String {
    guard !facts.isEmpty else { return "" }
    let rows = facts.map {
      "<div><dt>\(Markup.line($0.name))</dt><dd dir=\"auto\">\(Markup.line($0.value))</dd></div>\n"
    }
    return "<dl class=\"facts\">\n\(rows.joined())</dl>\n"
  }
}
