import DescentCPU
import DescentCore

extension ImageTest {
  /// Scores a network's probabilities beside the baselines, which learn from the given sets.
  ///
  /// Baselines have no use for validation images, so they learn from these too; the comparison favours them.
  init(
    network probabilities: [[Double]], on test: ImageSet, baselinesOf seen: [ImageSet]
  ) throws(ImageModelError) {
    let baselines = try imageFiles { () throws(ModelFileError) in
      let baselines = try ImageBaselines(of: seen)
      return try (
        ridge: baselines.ridgeClasses(of: test), mean: baselines.nearestMeans(of: test), majority: baselines.majority
      )
    }
    func scores(_ answers: [Int]) -> TabularScores {
      TabularScores(answers: answers, labels: test.labels, classes: test.classes.count)
    }
    imageCount = test.count
    network = TabularScores(probabilities: probabilities, targets: test.labels)
    ridge = scores(baselines.ridge)
    nearestMean = scores(baselines.mean)
    majority = scores(test.labels.map { _ in baselines.majority })
  }
}

extension TabularScores {
  /// Accuracy and balanced accuracy of answers without probabilities.
  fileprivate init(answers: [Int], labels: [Int], classes: Int) {
    let matrix = ConfusionMatrix(predictions: answers, targets: labels, classCount: classes)
    self.init(named: [("accuracy", matrix.accuracy), ("balancedAccuracy", matrix.balancedAccuracy)])
  }
}

/// What can be known of images without a network, from their pixels / 255 in double precision.
///
/// Images of more than 1,024 numbers are shrunk until they have no more, and of more than 60,000 images so many, spread
/// evenly, are used.
package struct ImageBaselines: Sendable {
  /// The mean image of each class, [classes, numbers]; far away for a class without images.
  private let means: Tensor
  /// The weights of each number and, last, of 1, [numbers + 1, classes].
  private let weights: Tensor
  /// The most frequent class, the first of several.
  package let majority: Int
  /// (1 / n) Σ over images and classes of (y − t)² / classes, where the ridge regression was fitted.
  package let ridgeError: Double
  private let small: ImageShape

  private static let mostNumbers = 1024
  private static let mostImages = 60_000
  private static let batch = 500

  /// - Parameter penalty: λ of Σ (y − t)² + λ Σ w², the weight of 1 included.
  package init(of sets: [ImageSet], penalty: Double = 1) throws(ModelFileError) {
    small = Self.shrunk(sets[0].shape)
    let (numbers, classes) = (small.count, sets[0].classes.count)
    var gram = Tensor.zeros([numbers + 1, numbers + 1], dtype: .float64)
    var moments = Tensor.zeros([numbers + 1, classes], dtype: .float64)
    var (count, squares) = (0, 0.0)
    var sizes = [Int](repeating: 0, count: classes)
    let share = min(1, Double(Self.mostImages) / Double(sets.reduce(0) { $0 + $1.count }))
    for set in sets {
      let kept = Int(Double(set.count) * share)
      for start in stride(from: 0, to: kept, by: Self.batch) {
        let places = (start..<min(start + Self.batch, kept)).map { $0 * set.count / kept }
        let x = try Self.numbers(of: set, places, small)
        let targets = Tensor(places.map { Int32(set.labels[$0]) }).oneHot(depth: classes, dtype: .float64)
        gram = gram + x.transposed().matmul(x)
        moments = moments + x.transposed().matmul(targets)
        evaluate(gram, moments)
        for place in places { sizes[set.labels[place]] += 1 }
        count += places.count
        squares += Double(places.count)
      }
    }
    majority = positionOfLargest(sizes.map { Double($0) })
    let sums = moments.array(of: Double.self)
    means = Tensor(
      (0..<classes).flatMap { label in
        (0..<numbers).map { sizes[label] == 0 ? 1e6 : sums[$0 * classes + label] / Double(sizes[label]) }
      }, shape: [classes, numbers], dtype: .float64)
    var matrix = gram.array(of: Double.self)
    for index in 0...numbers { matrix[index * (numbers + 2)] += penalty }
    let factor = Cholesky(matrix, size: numbers + 1)
    let solutions = (0..<classes).map { label in
      factor.solution(of: (0...numbers).map { sums[$0 * classes + label] })
    }
    let fitted = Tensor(solutions.flatMap(\.self), shape: [classes, numbers + 1], dtype: .float64).transposed()
    // Σ (xw − t)² = wᵀGw − 2 wᵀm + Σ t².
    let quadratic = (fitted * gram.matmul(fitted)).sum() - 2 * (fitted * moments).sum()
    ridgeError = (quadratic.scalar(of: Double.self) + squares) / Double(count * classes)
    weights = fitted
    evaluate(weights)
  }

  /// The class that ridge regression on one-hot targets gives the largest number.
  package func ridgeClasses(of set: ImageSet) throws(ModelFileError) -> [Int] {
    try answers(for: set) { $0.matmul(weights).argMax(axis: 1) }
  }

  /// The class whose mean image is nearest by the sum of squared differences.
  package func nearestMeans(of set: ImageSet) throws(ModelFileError) -> [Int] {
    try answers(for: set) { x in
      // ‖x − m‖² without ‖x‖², which all classes share.
      let products = x.slice(axis: 1, from: 0, count: small.count).matmul(means.transposed())
      return (2 * products - means.squared().sum(axis: 1)).argMax(axis: 1)
    }
  }

  private func answers(for set: ImageSet, _ answer: (Tensor) -> Tensor) throws(ModelFileError) -> [Int] {
    var result: [Int] = []
    for start in stride(from: 0, to: set.count, by: Self.batch) {
      let places = Array(start..<min(start + Self.batch, set.count))
      result += answer(try Self.numbers(of: set, places, small)).array(of: Int.self)
    }
    return result
  }

  private static func shrunk(_ shape: ImageShape) -> ImageShape {
    guard shape.count > mostNumbers else { return shape }
    let scale = (Double(mostNumbers) / Double(shape.count)).squareRoot()
    let height = max(1, Int(Double(shape.height) * scale))
    let width = max(1, Int(Double(shape.width) * scale))
    // Of a line of pixels the short side cannot shrink, so the long one has to do it alone.
    let most = mostNumbers / shape.channels
    return ImageShape(
      height: min(height, max(1, most / width)), width: min(width, max(1, most / height)), channels: shape.channels)
  }

  /// float64 [images, numbers + 1]: pixels / 255, and 1.
  private static func numbers(
    of set: ImageSet, _ places: [Int], _ small: ImageShape
  ) throws(ModelFileError) -> Tensor {
    var values: [Double] = []
    values.reserveCapacity(places.count * (small.count + 1))
    for place in places {
      let image = try set.image(place).resized(height: small.height, width: small.width)
      for pixel in image.pixels { values.append(Double(pixel) / 255) }
      values.append(1)
    }
    return Tensor(values, shape: [places.count, small.count + 1], dtype: .float64)
  }
}
