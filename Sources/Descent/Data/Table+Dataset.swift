import DescentCore

extension Table {
  /// The rows that have a target, as numbers to learn from; the target of a regression is standardised.
  ///
  /// The rules that turn columns into numbers are fitted on `rows` (nil: all), so a part split off afterwards has been
  /// seen by them. To judge a model, split the table first, and let `datasets(predicting:split:)` fit the rules on the
  /// training rows alone.
  ///
  /// - Throws: `DataError` when the column is absent, or has nothing to learn.
  public func dataset(
    predicting target: String, task: PredictionTask? = nil, ignoring ignored: [String] = [], fittedOn rows: [Int]? = nil
  ) throws(DataError) -> Dataset {
    let preprocessing = try TablePreprocessing(
      fitting: self, rows: rows, target: target, task: task, ignoring: ignored)
    return try dataset(encodedBy: preprocessing)
  }

  /// The three parts of a split, with the rules that turn columns into numbers fitted on the training part alone.
  public func datasets(
    predicting target: String, split: Split, task: PredictionTask? = nil, ignoring ignored: [String] = []
  ) throws(DataError) -> (train: Dataset, validation: Dataset, test: Dataset, preprocessing: TablePreprocessing) {
    let preprocessing = try TablePreprocessing(
      fitting: self, rows: split.train, target: target, task: task, ignoring: ignored)
    return (
      try dataset(encodedBy: preprocessing, rows: split.train),
      try dataset(encodedBy: preprocessing, rows: split.validation),
      try dataset(encodedBy: preprocessing, rows: split.test), preprocessing
    )
  }

  /// Those of `rows` (nil: all) that have a target, by rules fitted before.
  public func dataset(encodedBy preprocessing: TablePreprocessing, rows: [Int]? = nil) throws(DataError) -> Dataset {
    let targets = try preprocessing.encodeTargets(self, rows: rows)
    let features = try preprocessing.encode(self, rows: targets.rows)
    let isClassification = preprocessing.targetEncoding.task == .classification
    return Dataset(
      inputs: Tensor(features.values, shape: [features.rowCount, features.names.count]),
      targets: isClassification
        ? Tensor(targets.classes.map { Int32($0) }) : Tensor(targets.values, shape: [targets.values.count, 1]),
      featureNames: features.names, classNames: preprocessing.targetEncoding.classes, rowNumbers: targets.rows,
      targetEncoding: preprocessing.targetEncoding)
  }
}
