public import DescentCore

/// Stretches of a text as rows: the inputs are `context` tokens, the targets those that follow each of them.
///
/// ```swift
/// let train = Dataset(TokenWindows(tokens, context: 64, drawing: 12 * 250, seed: 1))  // 250 batches of 12 an epoch
/// let validation = Dataset(TokenWindows(others, context: 64))
/// ```
public struct TokenWindows: RowSource {
  public let count: Int
  public let context: Int
  public let isInMemory = true
  private let tokens: [Int32]
  private let seed: UInt64?
  private let stride: Int

  /// Windows one after the other, without overlap; what does not fill the last is left out.
  ///
  /// - Parameter limit: takes only so many, spread evenly over the text; nil for all.
  public init(_ tokens: [Int], context: Int, limit: Int? = nil) {
    let all = Self.requireWindow(tokens, context) / context
    let count = Swift.min(limit ?? all, all)
    self.init(tokens, context: context, count: count, seed: nil, stride: count == 0 ? 0 : all / count * context)
  }

  /// Windows that start anywhere, drawn anew in each epoch. Rows that are measured are those of no epoch.
  ///
  /// - Parameter count: the rows of an epoch.
  public init(_ tokens: [Int], context: Int, drawing count: Int, seed: UInt64) {
    _ = Self.requireWindow(tokens, context)
    self.init(tokens, context: context, count: count, seed: seed, stride: 0)
  }

  private init(_ tokens: [Int], context: Int, count: Int, seed: UInt64?, stride: Int) {
    self.tokens = tokens.map { Int32($0) }
    self.context = context
    self.count = count
    self.seed = seed
    self.stride = stride
  }

  /// The number of tokens that have one after them.
  private static func requireWindow(_ tokens: [Int], _ context: Int) -> Int {
    guard context > 0 && tokens.count > context else {
      fatalError("TokenWindows: \(tokens.count) tokens have no window of \(context) and the token after it")
    }
    return tokens.count - 1
  }

  public var inputs: RowType { RowType([context], .int32) }
  public var targets: RowType { RowType([context], .int32) }

  public func readInputs(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) {
    read(rows, epoch, shift: 0, into: memory)
  }

  public func readTargets(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) {
    read(rows, epoch, shift: 1, into: memory)
  }

  private func read(_ rows: ArraySlice<Int>, _ epoch: Int?, shift: Int, into memory: Memory) {
    tokens.withUnsafeBytes { source in
      memory.withMutableBytes { target in
        let bytes = context * MemoryLayout<Int32>.size
        for (place, row) in rows.enumerated() {
          let first = (start(of: row, epoch) + shift) * MemoryLayout<Int32>.size
          UnsafeMutableRawBufferPointer(rebasing: target[(place * bytes)..<((place + 1) * bytes)])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[first..<(first + bytes)]))
        }
      }
    }
  }

  private func start(of row: Int, _ epoch: Int?) -> Int {
    guard let seed else { return row * stride }
    var random = RandomSource(seed, stream: UInt32(truncatingIfNeeded: (epoch ?? -1) * count + row))
    return Int(random.next() % UInt64(tokens.count - context))
  }
}
