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
  private let source: any RowSource
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
    source = TensorRows(
      inputs: inputs, targets: targets.dtype.isFloat ? targets : targets.cast(to: .int32), rowNumbers: rowNumbers)
    places = Array(0..<count)
    self.featureNames = featureNames
    self.targetEncoding = targetEncoding
  }

  /// A dataset of rows that are made when a batch asks for them.
  ///
  /// What cannot be read stops training, measuring and predicting with an error that says why. Where a function of the
  /// dataset does not throw, it stops the program.
  ///
  /// - Parameter classNames: the names of the classes if the targets are positions of classes.
  public init(_ source: some RowSource, classNames: [String] = [], targetEncoding: TargetEncoding? = nil) {
    guard source.targets.dtype.isFloat || source.targets.dtype == .int32 else {
      fatalError("Dataset: targets are floats or positions of classes in int32, not \(source.targets.dtype.name)")
    }
    self.source = source
    places = Array(0..<source.count)
    featureNames = []
    self.classNames = classNames
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
  public var isClassification: Bool { !source.targets.dtype.isFloat }
  /// The shape of one row of the inputs.
  public var inputRowShape: [Int] { source.inputs.shape }
  /// The shape of one row of the targets.
  public var targetRowShape: [Int] { source.targets.shape }
  var inputType: RowType { source.inputs }
  var targetType: RowType { source.targets }

  /// The inputs of all rows, gathered anew at each access.  // [count, features…]
  public var inputs: Tensor {
    let memory = inputType.memory(rows: count)
    trappingOnUnreadableRows { () throws(EvaluationError) in
      try source.readInputs(places[...], epoch: nil, into: memory)
    }
    return Tensor(memory, shape: [count] + inputRowShape)
  }

  /// The targets of all rows, gathered anew at each access.  // [count, outputs…] or [count]
  public var targets: Tensor {
    let memory = targetType.memory(rows: count)
    trappingOnUnreadableRows { () throws(EvaluationError) in try readTargets(at: 0..<count, into: memory) }
    return Tensor(memory, shape: [count] + targetRowShape)
  }

  /// The number of each row in the data it came from, which messages use.
  public var rowNumbers: [Int] { rowNumbers(at: 0..<count) }

  /// The rows at the given positions of this dataset, in that order.
  public func subset(_ positions: [Int]) -> Dataset { Dataset(of: self, places: positions.map { places[$0] }) }

  /// The rows in a contiguous range of positions.
  public func subset(_ positions: Range<Int>) -> Dataset { Dataset(of: self, places: Array(places[positions])) }

  // MARK: - Rows, for batches and messages

  package func rowNumbers(at positions: some Sequence<Int>) -> [Int] {
    let numbers = tensorRows?.rowNumbers
    return positions.map { numbers?[places[$0]] ?? places[$0] }
  }

  /// The source, where all rows are in memory.
  var tensorRows: TensorRows? { source as? TensorRows }

  /// Where rows are in the source.
  func places(at positions: ArraySlice<Int>) -> [Int] { positions.map { places[$0] } }

  var isInMemory: Bool { source.isInMemory }

  /// What tells the source from others without reading it; nil where it has to be read.
  var sourceFingerprint: String? { source.fingerprint }

  /// Reads rows into memory that has room for them.
  ///
  /// - Parameter epoch: the epoch in training; nil where rows are measured or predicted.
  func readRows(
    at positions: ArraySlice<Int>, epoch: Int?, inputs: Memory, targets: Memory
  ) throws(EvaluationError) {
    let rows = places(at: positions)[...]
    try source.readInputs(rows, epoch: epoch, into: inputs)
    try source.readTargets(rows, epoch: epoch, into: targets)
  }

  /// Reads the targets of rows, as they are measured.
  func readTargets(at positions: Range<Int>, into memory: Memory) throws(EvaluationError) {
    try source.readTargets(places[positions], epoch: nil, into: memory)
  }
}

/// The result, or the end of the program where rows cannot be read and nobody could be told.
func trappingOnUnreadableRows<R>(_ read: () throws(EvaluationError) -> R) -> R {
  do {
    return try read()
  } catch {
    fatalError("Dataset: \(error.description)")
  }
}
