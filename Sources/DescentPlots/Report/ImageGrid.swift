/// Pictures in a grid, each with a caption.
public struct ImageGrid: ReportBlock {
  public struct Picture: Sendable {
    /// The bytes of a PNG file.
    public var png: [UInt8]
    public var caption: String
    /// What is to be seen, in words; empty takes the caption.
    public var description: String
    /// Whether the caption is one of a mistake.
    public var isHighlighted: Bool

    public init(png: [UInt8], caption: String, description: String = "", isHighlighted: Bool = false) {
      self.png = png
      self.caption = caption
      self.description = description
      self.isHighlighted = isHighlighted
    }
  }

  public var pictures: [Picture]
  /// The width of each on the page, in pixels.
  public var width: Int
  public var caption: String

  public init(_ pictures: [Picture], width: Int = 120, caption: String = "") {
    self.pictures = pictures
    self.width = width
    self.caption = caption
  }

  public var html: String {
    guard !pictures.isEmpty else { return "" }
    let figures = pictures.map { picture in
      let words = Markup.line(picture.description.isEmpty ? picture.caption : picture.description)
      let style = picture.isHighlighted ? " class=\"highlighted\"" : ""
      let text =
        picture.caption.isEmpty ? "" : "<figcaption\(style) dir=\"auto\">\(Markup.line(picture.caption))</figcaption>"
      return "<figure style=\"width:\(width)px\"><img width=\"\(width)\" alt=\"\(words)\" "
        + "src=\"data:image/png;base64,\(base64(picture.png))\"/>\(text)</figure>\n"
    }.joined()
    let heading = caption.isEmpty ? "" : "<p class=\"note\">\(Markup.line(caption))</p>\n"
    return "\(heading)<div class=\"pictures\">\n\(figures)</div>\n"
  }
}

/// RFC 4648, section 4.
func base64(_ bytes: [UInt8]) -> String {
  let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var result: [UInt8] = []
  result.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
    for place in 0..<4 {
      let isPadding = place > group.count
      result.append(isPadding ? UInt8(ascii: "=") : letters[Int(word >> (18 - 6 * UInt32(place)) & 63)])
    }
  }
  return String(decoding: result, as: UTF8.self)
}
