public import DescentCore

/// Rows that are made when a batch asks for them: images in a folder, windows of a text, augmented copies.
///
/// What a row holds must follow from its position and the epoch alone, whichever rows are read before or meanwhile:
/// then the same seed gives the same training, also after a checkpoint.
///
/// ```swift
/// struct Squares: RowSource {
///   let count = 1000, inputs = RowType([1]), targets = RowType([1])
///   func readInputs(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) {
///     for (place, row) in rows.enumerated() { memory[place] = .real(Double(row)) }
///   }
///   func readTargets(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) {
///     for (place, row) in rows.enumerated() { memory[place] = .real(Double(row * row)) }
///   }
/// }
/// let train = Dataset(Squares())
/// ```
public protocol RowSource: Sendable {
  /// The number of rows.
  var count: Int { get }
  /// What one row of the inputs is.
  var inputs: RowType { get }
  /// What one row of the targets is; int32 where they are classes.
  var targets: RowType { get }
  /// A text that tells this source from others, by which a checkpoint knows whether it goes on with the same data; nil
  /// where all rows should be read for that.
  var fingerprint: String? { get }
  /// Whether reading takes no longer than copying, so that nothing is gained by reading ahead.
  var isInMemory: Bool { get }

  /// Writes the inputs of rows one after the other.
  ///
  /// - Parameter epoch: the epoch in training, from which what is random should follow; nil where rows are measured or
  ///   predicted, which should see them as they are.
  /// - Throws: `EvaluationError` with one sentence that names the row and what is wrong with it.
  func readInputs(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) throws(EvaluationError)
  /// Writes the targets of rows one after the other, without reading their inputs.
  func readTargets(_ rows: ArraySlice<Int>, epoch: Int?, into memory: Memory) throws(EvaluationError)
}

extension RowSource {
  public var fingerprint: String? { nil }
  public var isInMemory: Bool { false }
}

/// The shape and the element type of a row.
public struct RowType: Hashable, Sendable {
  public let shape: [Int]
  public let dtype: DType

  public init(_ shape: [Int], _ dtype: DType = .float32) {
    self.shape = shape
    self.dtype = dtype
  }

  /// Memory for a number of rows.
  func memory(rows: Int) -> Memory { Memory(dtype, count: rows * shape.elementCount) }
}
