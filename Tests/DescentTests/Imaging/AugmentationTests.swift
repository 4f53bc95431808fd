import Descent
import Testing

struct AugmentationTests {
  /// A set of one image, which a dataset gives again and again.
  private func set(_ image: Image, count: Int = 1) throws -> ImageSet {
    let pixels = (0..<count).flatMap { _ in image.pixels.map { Int32($0) } }
    return try ImageSet(
      Tensor(pixels, shape: [count, image.height, image.width, image.channels]).cast(to: .uint8),
      labels: Tensor((0..<count).map { Int32($0 % 2) }), classes: ["a", "b"], name: "one")
  }

  private let plain = ImageNormalization(means: [0], deviations: [1 / 255.0])

  /// The image in the first epochs, as bytes.
  private func changed(_ image: Image, _ augmentation: Augmentation, epochs: Int = 40, seed: UInt64 = 3) throws
    -> [[Int]]
  {
    let rules = ImageNormalization(
      means: Array(repeating: 0, count: image.channels), deviations: Array(repeating: 1 / 255.0, count: image.channels))
    let rows = try set(image).rows(rules, augmentation: augmentation, seed: seed)
    let memory = Memory(.float32, count: image.pixels.count)
    return try (0..<epochs).map { epoch in
      try rows.readInputs([0], epoch: epoch, into: memory)
      return memory.array(of: Float.self).map { Int($0.rounded()) }
    }
  }

  private let small = Image(height: 2, width: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6])

  @Test func nothingChangesWithoutStepsOrOutsideOfTraining() throws {
    #expect(try changed(small, .none, epochs: 2) == [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]])
    let data = try set(small).dataset(plain, augmentation: Augmentation(.shift(pixels: 1), .brightness(range: 1)))
    #expect(data.inputs.array(of: Float.self).map { Int($0.rounded()) } == [1, 2, 3, 4, 5, 6])
  }

  /// A single row of pixels cannot be shifted within itself.
  @Test func cautionFitsImagesOfAnyShape() {
    for (height, width) in [(1, 1), (1, 300), (2, 3), (28, 28), (3000, 20)] {
      #expect(Augmentation.cautious(height: height, width: width).problem(height: height, width: width) == nil)
    }
    #expect(Augmentation.cautious(height: 28, width: 28).steps.count == 1)
    #expect(Augmentation.cautious(height: 1, width: 300).steps.isEmpty)
  }

  @Test func flipsMirror() throws {
    #expect(Set(try changed(small, Augmentation(.flipHorizontally(probability: 1)))) == [[3, 2, 1, 6, 5, 4]])
    #expect(Set(try changed(small, Augmentation(.flipVertically(probability: 1)))) == [[4, 5, 6, 1, 2, 3]])
    #expect(Set(try changed(small, Augmentation(.flipHorizontally()))) == [[3, 2, 1, 6, 5, 4], [1, 2, 3, 4, 5, 6]])
    let color = Image(height: 1, width: 2, channels: 3, pixels: [1, 2, 3, 4, 5, 6])
    #expect(Set(try changed(color, Augmentation(.flipHorizontally(probability: 1)))) == [[4, 5, 6, 1, 2, 3]])
  }

  @Test func shiftsMoveWholePixelsAndLetBlackIn() throws {
    let found = Set(try changed(small, Augmentation(.shift(pixels: 1)), epochs: 200))
    #expect(
      found == [
        [1, 2, 3, 4, 5, 6], [0, 1, 2, 0, 4, 5], [2, 3, 0, 5, 6, 0], [0, 0, 0, 1, 2, 3], [4, 5, 6, 0, 0, 0],
        [0, 0, 0, 0, 1, 2], [0, 0, 0, 2, 3, 0], [0, 4, 5, 0, 0, 0], [5, 6, 0, 0, 0, 0],
      ])
  }

  @Test func rotationsTurnAboutTheCentre() throws {
    let disc = Image(
      height: 15, width: 15, channels: 1,
      pixels: (0..<225).map { ($0 / 15 - 7) * ($0 / 15 - 7) + ($0 % 15 - 7) * ($0 % 15 - 7) <= 25 ? 200 : 0 })
    for turned in try changed(disc, Augmentation(.rotate(degrees: 180)), epochs: 20) {
      #expect(turned[112] == 200 && turned[0] == 0)
      #expect(abs(turned.reduce(0, +) - disc.pixels.reduce(0) { $0 + Int($1) }) < 500)
    }
    // A bar to the right of the centre is found at the distance it had.
    var bar = [UInt8](repeating: 0, count: 225)
    bar[7 * 15 + 12] = 255
    for turned in try changed(
      Image(height: 15, width: 15, channels: 1, pixels: bar), Augmentation(.rotate(degrees: 180)), epochs: 20)
    {
      let mass = turned.reduce(0, +)
      let x = Double(turned.indices.reduce(0) { $0 + turned[$1] * ($1 % 15 - 7) }) / Double(mass)
      let y = Double(turned.indices.reduce(0) { $0 + turned[$1] * ($1 / 15 - 7) }) / Double(mass)
      // A single pixel may fall between those that are sampled.
      #expect(abs((x * x + y * y).squareRoot() - 5) < 0.5 && abs(mass - 255) < 100)
    }
  }

  @Test func cropsEnlargeAPartAndStayInside() throws {
    let gradient = Image(height: 8, width: 8, channels: 1, pixels: (0..<64).map { UInt8(20 + $0 % 8 * 10) })
    for cropped in try changed(gradient, Augmentation(.crop(share: 0.25))) {
      let row = Array(cropped[24..<32])
      // Half of the range of 70 and half a pixel less on each side is the least that is seen.
      #expect(row == row.sorted() && row[0] >= 20 && row[7] <= 90 && row[7] - row[0] >= 30)
      let steps = zip(row, row.dropFirst()).map { $1 - $0 }
      #expect(try #require(steps.max()) - #require(steps.min()) <= 6)
    }
    let whole = try changed(gradient, Augmentation(.crop(share: 1)), epochs: 1)[0]
    #expect(whole == gradient.pixels.map(Int.init))
  }

  @Test func cutoutsBlackenASquare() throws {
    let white = Image(height: 9, width: 9, channels: 3, pixels: Array(repeating: 255, count: 243))
    let counts = Set(try changed(white, Augmentation(.cutout(side: 4)), epochs: 200).map { $0.count { $0 == 0 } })
    #expect(counts.contains(48) && counts.contains(12) && counts.allSatisfy { $0 % 3 == 0 && $0 <= 48 && $0 >= 12 })
  }

  @Test func brightnessScalesAndContrastKeepsTheMean() throws {
    let image = Image(height: 1, width: 4, channels: 1, pixels: [50, 100, 150, 100])
    for bright in try changed(image, Augmentation(.brightness(range: 0.5))) {
      #expect(
        (25...75).contains(bright[0]) && abs(bright[1] - 2 * bright[0]) <= 1 && abs(bright[2] - 3 * bright[0]) <= 2)
    }
    for contrast in try changed(image, Augmentation(.contrast(range: 0.5))) {
      #expect(contrast[1] == 100 && abs(contrast[0] + contrast[2] - 200) <= 1 && (25...75).contains(contrast[0]))
    }
    let many = Set(try changed(image, Augmentation(.brightness(range: 0.5))))
    #expect(many.count > 20)
  }

  @Test func changesFollowFromSeedEpochAndRowAlone() throws {
    let augmentation = Augmentation(
      .shift(pixels: 2), .flipHorizontally(), .rotate(degrees: 20), .crop(share: 0.5), .cutout(side: 2),
      .brightness(range: 0.3), .contrast(range: 0.3), mixup: 0.4)
    let set = try Bars.set(12)
    func batch(_ rows: [Int], epoch: Int, seed: UInt64 = 5) throws -> [Float] {
      let source = set.rows(plain, augmentation: augmentation, seed: seed)
      let (inputs, targets) = (Memory(.float32, count: 64 * rows.count), Memory(.float32, count: 2 * rows.count))
      try source.readInputs(rows[...], epoch: epoch, into: inputs)
      try source.readTargets(rows[...], epoch: epoch, into: targets)
      return inputs.array(of: Float.self) + targets.array(of: Float.self)
    }
    let alone = try batch([7], epoch: 2)
    let among = try batch([3, 7, 1], epoch: 2)
    #expect(Array(alone[..<64]) == Array(among[64..<128]) && Array(alone[64...]) == Array(among[(192 + 2)..<(192 + 4)]))
    #expect(try batch([7], epoch: 2) == alone)
    #expect(try batch([7], epoch: 3) != alone)
    #expect(try batch([7], epoch: 2, seed: 6) != alone)
    #expect(try batch([8], epoch: 2) != alone)
  }

  @Test func mixupMixesImagesAndTargetsAlike() throws {
    // One image is black and of class 0, the other white and of class 1, so that pixels show the shares.
    let pixels = Tensor([Int32](repeating: 0, count: 4) + [Int32](repeating: 255, count: 4), shape: [2, 2, 2])
    let set = try ImageSet(
      pixels.cast(to: .uint8), labels: Tensor([Int32(0), 1]), classes: ["black", "white"], name: "two")
    let (rules, augmentation) = (ImageNormalization(means: [0], deviations: [1]), Augmentation(mixup: 0.5))
    let data = set.dataset(rules, augmentation: augmentation, seed: 1)
    #expect(!data.isClassification && data.targetRowShape == [2])
    #expect(data.targets.array(of: Float.self) == [1, 0, 0, 1])
    var shares: [Float] = []
    for epoch in 0..<200 {
      let source = set.rows(rules, augmentation: augmentation, seed: 1)
      let memory = (Memory(.float32, count: 8), Memory(.float32, count: 4))
      try source.readInputs([0, 1], epoch: epoch, into: memory.0)
      try source.readTargets([0, 1], epoch: epoch, into: memory.1)
      let (inputs, targets) = (memory.0.array(of: Float.self), memory.1.array(of: Float.self))
      for row in 0..<2 {
        #expect(abs(targets[2 * row] + targets[2 * row + 1] - 1) < 1e-6)
        #expect((0..<4).allSatisfy { abs(inputs[4 * row + $0] - targets[2 * row + 1]) < 1e-5 })
        shares.append(targets[2 * row])
      }
    }
    // Beta(½, ½) has its mean at ½; half of the partners are the image itself.
    #expect(abs(shares.reduce(0, +) / 400 - 0.5) < 0.1)
    #expect(shares.contains { $0 > 0.1 && $0 < 0.9 })
  }

  @Test func theLossTakesMixedTargets() throws {
    let set = try Bars.set(40)
    let data = set.dataset(try ImageNormalization(fitting: set), augmentation: Augmentation(mixup: 0.2), seed: 1)
    let model = withSeed(1) {
      Sequential {
        Flatten(); Dense(64, 2)
      }
    }
    try model.fit(
      data, loss: .softmaxCrossEntropy(), optimizer: .adam(learningRate: 0.01), epochs: 12, batchSize: 8)
    #expect(try model.evaluate(set.dataset(ImageNormalization(fitting: set)), .accuracy)["accuracy"] == 1)
  }

  @Test(arguments: [
    (Augmentation(.shift(pixels: 8)), "expected shifts from 0 to below 8 pixels, found 8"),
    (Augmentation(.flipHorizontally(probability: 2)), "expected the probability of a flip from 0 to 1, found 2.0"),
    (Augmentation(.rotate(degrees: -1)), "expected rotations from 0 to 180 degrees, found -1.0"),
    (Augmentation(.crop(share: 0)), "expected a crop above 0, found 0.0"),
    (Augmentation(.cutout(side: 9)), "expected cutouts from 1 to 8 pixels, found 9"),
    (Augmentation(.contrast(range: .nan)), "expected the range of contrast from 0 to 1, found nan"),
    (Augmentation(mixup: 0), "expected the parameter of mixup above 0, found 0.0"),
    (Augmentation(.shift(pixels: 7), .cutout(side: 8), mixup: 0.1), nil),
  ])
  func whatCannotBeDoneIsNamed(_ augmentation: Augmentation, problem: String?) {
    #expect(augmentation.problem(height: 8, width: 9) == problem)
  }
}
