import Descent
import Testing

struct ImageBaselineTests {
  @Test func baselinesOfImagesThatAreEasy() throws {
    let set = try Bars.set(60)
    let baselines = try ImageBaselines(of: [set.subset(Array(0..<20)), set.subset(Array(20..<41))])
    #expect(baselines.majority == 0)
    let rest = set.subset(Array(41..<60))
    #expect(try baselines.nearestMeans(of: rest) == rest.labels)
    #expect(try baselines.ridgeClasses(of: rest) == rest.labels)
  }

  @Test func largeImagesAreShrunk() throws {
    let set = try Bars.set(20, side: 40, channels: 3)
    let baselines = try ImageBaselines(of: [set])
    #expect(try baselines.nearestMeans(of: set) == set.labels && baselines.ridgeClasses(of: set) == set.labels)
  }

  /// What is known of both baselines to the digit: the share of right answers on the test images, and the mean squared
  /// error of ridge regression on those of training.
  @Test(
    .needs("mnist", "fashion-mnist"),
    arguments: [
      ("mnist", 8203, 8604, 0.038034), ("fashion-mnist", 6768, 8112, 0.034813),
    ])
  func publishedNumbersAreReached(name: String, nearest: Int, ridge: Int, error: Double) throws {
    let folder = TestFiles.shared(name)
    let data = try ImageData(folder)
    let test = try #require(data.test)
    let baselines = try ImageBaselines(of: [data.training])
    func right(_ answers: [Int]) -> Int { zip(answers, test.labels).count { $0 == $1 } }
    #expect(right(try baselines.nearestMeans(of: test)) == nearest)
    #expect(right(try baselines.ridgeClasses(of: test)) == ridge)
    #expect(abs(baselines.ridgeError - error) < 5e-7)
  }
}
