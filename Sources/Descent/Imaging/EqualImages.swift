/// Images whose pixels, as they are seen, are those of an earlier one: copies in a part that is measured on flatter a
/// network, and equal images with different labels cannot all be right.
public struct EqualImages: Sendable, Hashable {
  /// How many copies of a kind there are.
  public struct Finding: Sendable, Hashable {
    public fileprivate(set) var count = 0
    /// The first of them.
    public fileprivate(set) var example: Example?
  }

  /// The names of a copy and of the earlier image that it is equal to.
  public struct Example: Sendable, Hashable, Encodable {
    public let copy: String
    public let original: String
  }

  /// All that are equal to an earlier image.
  public private(set) var all = Finding()
  /// Of these, the ones that have another label than that image.
  public private(set) var otherLabels = Finding()
  /// Of these, the ones in another part than that image.
  public private(set) var otherParts = Finding()

  /// What an image is told by.
  struct Print: Hashable {
    private let first: Int
    private let second: Int

    /// Two hashes of 64 bits: that different images have both in common does not happen.
    init(_ pixels: UnsafeBufferPointer<UInt8>) {
      func hash(_ start: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(start)
        hasher.combine(bytes: UnsafeRawBufferPointer(pixels))
        return hasher.finalize()
      }
      (first, second) = (hash(1), hash(2))
    }
  }

  /// Of images in memory, which cost little to compare; nil where some are in files.
  package init?(inMemory sets: [ImageSet]) {
    guard sets.allSatisfy(\.isInMemory) else { return nil }
    let prints = sets.map { set in
      var pixels = [UInt8](repeating: 0, count: set.shape.count)
      return (0..<set.count).map { position in
        pixels.withUnsafeMutableBufferPointer { pixels -> Print? in
          guard (try? set.read(position, into: pixels)) != nil else { return nil }
          return Print(UnsafeBufferPointer(pixels))
        }
      }
    }
    self.init(sets, prints: prints)
  }

  /// - Parameters:
  ///   - sets: the parts of the data, the one to train on first.
  ///   - prints: those of each set's images; nil for one that cannot be read.
  init(_ sets: [ImageSet], prints: [[Print?]]) {
    var earlier: [Print: (set: Int, position: Int)] = [:]
    for (set, prints) in prints.enumerated() {
      for (position, print) in prints.enumerated() {
        guard let print else { continue }
        guard let first = earlier[print] else {
          earlier[print] = (set, position)
          continue
        }
        func note(_ finding: inout Finding) {
          finding.count += 1
          if finding.example == nil {
            finding.example = Example(
              copy: sets[set].fullName(of: position), original: sets[first.set].fullName(of: first.position))
          }
        }
        note(&all)
        if sets[set].labels[position] != sets[first.set].labels[first.position] { note(&otherLabels) }
        if set != first.set { note(&otherParts) }
      }
    }
  }
}
