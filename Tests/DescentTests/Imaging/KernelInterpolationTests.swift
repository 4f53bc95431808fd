import Descent
import Testing

/// A thousand images interpolated by a Gaussian kernel: no seed, no step, and figures that are known to the digit.
struct KernelInterpolationTests {
  /// The first images as rows of numbers from 0 to 1.
  private func rows(_ part: LabelledImages, _ count: Int) -> Tensor {
    part.images[0..<count].cast(to: .float64).reshaped([count, 784]) / 255
  }

  /// exp(−‖a − b‖² / 50), of each row of one with each of the other
  private func kernel(_ a: Tensor, _ b: Tensor) -> Tensor {
    let squares = a.squared().sum(axis: 1, keepingAxis: true) + b.squared().sum(axis: 1)
    return exp((2 * a.matmul(b.transposed()) - squares) / 50)
  }

  @Test(.needs("mnist")) func knownFiguresAreReached() throws {
    let folder = TestFiles.shared("mnist")
    let (train, test) = (
      try LabelledImages(idxFolder: folder, .training), try LabelledImages(idxFolder: folder, .test)
    )
    let known = rows(train, 1000)
    let (gram, targets) = (kernel(known, known), train.labels[0..<1000].oneHot(depth: 10, dtype: .float64))
    let (factor, columns) = (Cholesky(gram.array(of: Double.self), size: 1000), targets.array(of: Double.self))
    let solutions = (0..<10).map { label in factor.solution(of: (0..<1000).map { columns[$0 * 10 + label] }) }
    let weights = Tensor(solutions.flatMap(\.self), shape: [10, 1000], dtype: .float64).transposed()

    let answers = kernel(rows(test, 5000), known).matmul(weights)
    let labels = test.labels[0..<5000]
    let right = zip(answers.argMax(axis: 1).array(of: Int.self), labels.array(of: Int.self)).count { $0 == $1 }
    #expect(right == 4476)  // 89.52 %
    let error = (answers - labels.oneHot(depth: 10, dtype: .float64)).squared().mean().scalar(of: Double.self)
    #expect(abs(error - 0.02449) < 5e-6)
    // The norm of the interpolant in the space of the kernel.
    let norm = (weights * gram.matmul(weights)).sum().scalar(of: Double.self).squareRoot()
    #expect(abs(norm - 21.98) < 5e-3)
  }
}
