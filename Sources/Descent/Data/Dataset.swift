public import DescentCore

/// Examples to learn from: for each row what a model sees and what it should answer.
///
/// Inputs are [rows, features…]; targets are numbers [rows, outputs…] or class positions, int32 [rows]. A subset
/// shares the elements with the dataset it was taken from.
///
/// ```swift
/// let iris = try Table(csv: "iris.csv")
/// let split = try iris.split(predicting: "species", seed: 7)
/// let (train, validation, test, rules) = try iris.datasets(predicting: "species", split: split)
/// for batch in train.batches(of: 32, shuffledWith: 1) { print(batch.inputs.shape) }
/// ```
public struct Dataset: Sendable {
  private let source: DatasetSource
  /// Where the rows of this dataset are in the source.
  private let places: [Int]
  /// The names of the features, in order; empty where they have none.
  public let featureNames: [String]
  /// The names of the classes, in order; empty where the targets are numbers.
  public let classNames: [String]
  /// How the targets became what a model learns; nil where they are what they were. Metrics and predictions of a
  /// dataset are in the unit of the target: they undo this.
  public let targetEncoding: TargetEncoding?

  /// A dataset over tensors whose first axis counts the rows.
  ///
  /// - Parameters:
  ///   - classNames: the names of the classes if the targets are integers; nil calls them "0", "1", … up to the largest.
  ///   - rowNumbers: what messages call the rows; nil counts them from 0.
  ///   - targetEncoding: how the targets were made from those that metrics are to be measured in.
  public init(
    inputs: Tensor, targets: Tensor, featureNames: [String] = [], classNames: [String]? = nil,
    rowNumbers: [Int]? = nil, targetEncoding: TargetEncoding? = nil
  ) {
    guard let count = inputs.shape.first, targets.shape.first == count else {
      fatalError(
        "Dataset: inputs \(text(inputs.shape)) and targets \(text(targets.shape)) must have as many rows as each other")
    }
    let rowShape = Array(inputs.shape.dropFirst())
    guard featureNames.isEmpty || featureNames.count == rowShape.elementCount else {
      fatalError("Dataset: \(featureNames.count) feature names for \(rowShape.elementCount) features")
    }
    guard rowNumbers.map({ $0.count == count }) ?? true else {
      fatalError("Dataset: \(rowNumbers!.count) row numbers for \(count) rows")
    }
    self.classNames = targets.dtype.isFloat ? [] : Self.classNames(of: targets.memory, named: classNames)
    let targets = targets.dtype.isFloat ? targets : targets.cast(to: .int32)
    source = DatasetSource(
      inputs: RowMemory(inputs.memory, rowShape: rowShape),
      targets: RowMemory(targets.memory, rowShape: Array(targets.shape.dropFirst())), rowNumbers: rowNumbers)
    places = Array(0..<count)
    self.featureNames = featureNames
    self.targetEncoding = targetEncoding
  }

  private init(of whole: Dataset, places: [Int]) {
    source = whole.source
    self.places = places
    featureNames = whole.featureNames
    classNames = whole.classNames
    targetEncoding = whole.targetEncoding
  }

  /// More classes than this are numbers that were meant as targets of a regression.
  private static let mostNumberedClasses = 1 << 17

  private static func classNames(of targets: Memory, named names: [String]?) -> [String] {
    let classes = targets.array(of: Int64.self)
    guard let largest = classes.max(), let least = classes.min() else { return names ?? [] }
    if let names {
      guard Int32(exactly: least) != nil && Int32(exactly: largest) != nil else {
        fatalError(
          "Dataset: integer targets are positions of the \(names.count) classes, found "
            + "\(Int32(exactly: least) == nil ? least : largest)")
      }
      return names
    }
    guard least >= 0 && largest < mostNumberedClasses else {
      fatalError(
        "Dataset: integer targets are positions of classes from 0 to \(mostNumberedClasses - 1), found "
          + "\(least < 0 ? least : largest); numbers to predict are floats, and give classNames for more classes")
    }
    return (0...largest).map { "\($0)" }
  }

  /// The number of rows.
  public var count: Int { places.count }
  public var isEmpty: Bool { places.isEmpty }
  /// The numbers one row of the inputs holds.
  public var features: Int { inputRowShape.elementCount }
  /// The number of classes; 0 where the targets are numbers.
  public var classes: Int { classNames.count }
  /// How many numbers a model has to answer for a row: one for each class, or one for each number of the target.
  public var outputs: Int { isClassification ? classes : targetRowShape.elementCount }
  /// Whether the targets are class positions.
  public var isClassification: Bool { !source.targets.memory.dtype.isFloat }
  /// The shape of one row of the inputs.
  public var inputRowShape: [Int] { source.inputs.rowShape }
  /// The shape of one row of the targets.
  public var targetRowShape: [Int] { source.targets.rowShape }
  package var inputDType: DType { source.inputs.memory.dtype }
  package var targetDType: DType { source.targets.memory.dtype }

  /// The inputs of all rows, gathered anew at each access.  // [count, features…]
  public var inputs: Tensor { source.inputs.tensor(of: places) }
  /// The targets of all rows, gathered anew at each access.  // [count, outputs…] or [count]
  public var targets: Tensor { source.targets.tensor(of: places) }
  /// The number of each row in the data it came from, which messages use.
  public var rowNumbers: [Int] { rowNumbers(at: 0..<count) }

  /// The rows at the given positions of this dataset, in that order.
  public func subset(_ positions: [Int]) -> Dataset { Dataset(of: self, places: positions.map { places[$0] }) }

  /// The rows in a contiguous range of positions.
  public func subset(_ positions: Range<Int>) -> Dataset { Dataset(of: self, places: Array(places[positions])) }

  // MARK: - Rows, for batches and messages

  package func rowNumbers(at positions: some Sequence<Int>) -> [Int] {
    positions.map { source.rowNumbers?[places[$0]] ?? places[$0] }
  }

  /// Calls `body` with the bytes of a row's inputs and of its targets.
  func withBytes<R>(
    ofRowAt position: Int, _ body: (_ inputs: UnsafeRawBufferPointer, _ targets: UnsafeRawBufferPointer) -> R
  ) -> R {
    source.inputs.withBytes(ofRowAt: places[position]) { inputs in
      source.targets.withBytes(ofRowAt: places[position]) { targets in body(inputs, targets) }
    }
  }

  /// Copies rows into memory that has room for them.
  package func copyRows(at positions: ArraySlice<Int>, inputs: Memory, targets: Memory) {
    source.inputs.copy(positions, of: places, into: inputs)
    source.targets.copy(positions, of: places, into: targets)
  }
}

/// The elements all subsets of a dataset share.
private final class DatasetSource: Sendable {
  let inputs: RowMemory
  let targets: RowMemory
  let rowNumbers: [Int]?

  init(inputs: RowMemory, targets: RowMemory, rowNumbers: [Int]?) {
    self.inputs = inputs
    self.targets = targets
    self.rowNumbers = rowNumbers
  }
}

/// Memory of rows of one shape.
private struct RowMemory: Sendable {
  let memory: Memory
  let rowShape: [Int]
  private let rowBytes: Int

  init(_ memory: Memory, rowShape: [Int]) {
    self.memory = memory
    self.rowShape = rowShape
    rowBytes = rowShape.elementCount * memory.dtype.byteSize
  }

  func tensor(of places: [Int]) -> Tensor {
    let result = Memory(memory.dtype, count: places.count * rowShape.elementCount)
    copy(Array(places.indices)[...], of: places, into: result)
    return Tensor(result, shape: [places.count] + rowShape)
  }

  func withBytes<R>(ofRowAt place: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    memory.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[(place * rowBytes)..<((place + 1) * rowBytes)])) }
  }

  /// Copies the rows at some positions of `places`.
  func copy(_ positions: ArraySlice<Int>, of places: [Int], into result: Memory) {
    memory.withBytes { source in
      result.withMutableBytes { target in
        var start = 0
        for position in positions {
          let place = places[position]
          let row = UnsafeRawBufferPointer(rebasing: source[(place * rowBytes)..<((place + 1) * rowBytes)])
          UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + rowBytes)]).copyMemory(from: row)
          start += rowBytes
        }
      }
    }
  }
}
