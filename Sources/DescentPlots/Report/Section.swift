/// A part of a report with a heading of its own; sections within sections have smaller headings.
public struct Section: ReportBlock {
  public var title: String
  public var blocks: [any ReportBlock]
  var anchor = ""
  private var level = 2

  public init(_ title: String, blocks: [any ReportBlock]) {
    self.title = title
    self.blocks = blocks.map { block in
      guard var section = block as? Section else { return block }
      section.deepen()
      return section
    }
  }

  public init(_ title: String, @ReportBuilder _ blocks: () -> [any ReportBlock]) {
    self.init(title, blocks: blocks())
  }

  public var html: String {
    let address = anchor.isEmpty ? "" : " id=\"\(anchor)\""
    return "<section\(address)>\n<h\(level)>\(Markup.line(title))</h\(level)>\n\(Block.html(of: blocks))</section>\n"
  }

  private mutating func deepen() {
    level = min(level + 1, 6)
    blocks = blocks.map { block in
      guard var section = block as? Section else { return block }
      section.deepen()
      return section
    }
  }
}
