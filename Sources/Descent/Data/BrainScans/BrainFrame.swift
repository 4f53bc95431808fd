/// One frame of a recording, with what was drawn into it.
public struct BrainFrame: Sendable {
  /// An active area. It may have a mirror image on the other side of the midline.
  public struct Source: Sendable {
    /// The column along the midline, 45 to 110.
    public let column: Double
    /// The distance from the midline in pixels, 5 to 45, upwards positive.
    public let offset: Double
    /// The standard deviations along the midline and across it, 4 to 16 pixels.
    public let widths: (along: Double, across: Double)
    /// ΔF/F in its middle.
    public let amplitude: Double
    /// What the amplitude is multiplied by in the mirror image; 0 where there is none.
    public let mirrorRatio: Double
    /// How far the mirror image is from where it would be in a real frame, in pixels.
    public let displacement: (along: Double, across: Double)
  }

  /// ΔF/F, row by row.  // [128 · 128]
  public let pixels: [Float]
  public let sources: [Source]
  public let isFake: Bool

  /// The source that changes the frame the most.
  public var strongestSource: Source { sources.max { abs($0.amplitude) < abs($1.amplitude) } ?? sources[0] }

  /// Where the strongest source is: 0 and 1 above the midline, left and right of the middle of its columns; 2 and 3
  /// below.
  public var region: Int {
    let source = strongestSource
    return (source.offset > 0 ? 0 : 2) + (source.column < 77.5 ? 0 : 1)
  }
}
