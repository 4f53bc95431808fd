/// Two tokens that stand side by side, ordered by the left one and then by the right one.
struct TokenPair: Hashable, Comparable {
  private let bits: UInt64

  init(_ left: Int32, _ right: Int32) { bits = UInt64(left) << 32 | UInt64(right) }

  var left: Int32 { Int32(bits >> 32) }
  var right: Int32 { Int32(bits & 0xFFFF_FFFF) }

  static func < (left: TokenPair, right: TokenPair) -> Bool { left.bits < right.bits }
}

/// The pairs that are merged, numbered in the order in which they are tried.
struct BytePairMerges: Sendable {
  private var ranks: [TokenPair: UInt32] = [:]
  private(set) var pairs: [TokenPair] = []
  private(set) var results: [Int32] = []

  /// Adds a merge; if it is there already, gives its rank.
  mutating func add(_ pair: TokenPair, result: Int32) -> UInt32? {
    if let rank = ranks[pair] { return rank }
    ranks[pair] = UInt32(pairs.count)
    pairs.append(pair)
    results.append(result)
    return nil
  }

  func rank(_ left: Int32, _ right: Int32) -> UInt32? { ranks[TokenPair(left, right)] }
}

/// Merges the bytes of one word after the other, in memory that is used again.
///
/// As in GPT-2, of all pairs in the word the one of lowest rank is merged wherever it occurs, from left to right, and so
/// on until no pair has a rank. A heap of ranks and places makes that O(n log n) in the length of the word.
struct BytePairMerger {
  private static let noRank = UInt32.max

  private let merges: BytePairMerges
  private let byteTokens: [Int32]
  private var tokens: [Int32] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  /// The rank of the pair that begins at a place.
  private var ranks: [UInt32] = []
  /// Ranks in the upper, places in the lower half.
  private var heap = Heap<UInt64>()
  private var batch: [UInt64] = []

  init(_ merges: BytePairMerges, byteTokens: [Int32]) {
    self.merges = merges
    self.byteTokens = byteTokens
  }

  /// Appends the tokens of a word of less than 2^31 bytes.
  mutating func merge(_ word: ArraySlice<UInt8>, into result: inout [Int32]) {
    start(word)
    while let first = heap.smallest {
      // A merge may make a pair of lower rank, which waits until this rank is done with.
      let rank = first >> 32
      batch.removeAll(keepingCapacity: true)
      while let entry = heap.smallest, entry >> 32 == rank {
        batch.append(entry)
        _ = heap.removeSmallest()
      }
      for entry in batch where UInt64(ranks[Int(entry & 0xFFFF_FFFF)]) == rank {
        join(at: Int(entry & 0xFFFF_FFFF), merges.results[Int(rank)])
      }
    }
    var place = 0
    while place < tokens.count {
      result.append(tokens[place])
      place = Int(next[place])
    }
  }

  private mutating func start(_ word: ArraySlice<UInt8>) {
    tokens.removeAll(keepingCapacity: true)
    next.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    ranks.removeAll(keepingCapacity: true)
    for byte in word {
      let place = Int32(tokens.count)
      tokens.append(byteTokens[Int(byte)])
      next.append(place + 1)
      previous.append(place - 1)
      ranks.append(Self.noRank)
    }
    for place in tokens.indices { rankPair(at: place) }
  }

  private mutating func rankPair(at place: Int) {
    let following = Int(next[place])
    guard following < tokens.count, let rank = merges.rank(tokens[place], tokens[following]) else {
      ranks[place] = Self.noRank
      return
    }
    ranks[place] = rank
    heap.insert(UInt64(rank) << 32 | UInt64(place))
  }

  private mutating func join(at place: Int, _ token: Int32) {
    let removed = Int(next[place])
    tokens[place] = token
    next[place] = next[removed]
    ranks[removed] = Self.noRank
    if Int(next[place]) < tokens.count { previous[Int(next[place])] = Int32(place) }
    rankPair(at: place)
    if previous[place] >= 0 { rankPair(at: Int(previous[place])) }
  }
}
