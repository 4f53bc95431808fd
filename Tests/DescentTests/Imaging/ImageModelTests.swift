import Descent
import Foundation
import Testing

struct ImageModelTests {
  private static func configuration(_ change: (inout ImageConfiguration) -> Void = { _ in }) -> ImageConfiguration {
    var result = ImageConfiguration()
    (result.epochs, result.batchSize, result.seed) = (6, 16, 3)
    change(&result)
    return result
  }

  /// Trains on 120 files of 8 × 8 pixels.
  private func withTrained(
    _ change: (inout ImageConfiguration) -> Void = { _ in },
    _ body: (_ model: ImageModel, _ report: ImageReport, _ folder: String) throws -> Void
  ) throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<120, to: "\(folder)/bars")
      let (model, report) = try ImageModel.train(
        ImageData("\(folder)/bars"), configuration: Self.configuration(change))
      try body(model, report, folder)
    }
  }

  @Test(arguments: [ImageNetwork.linear, .perceptron, .convolutional])
  func smallImagesAreLearned(_ network: ImageNetwork) throws {
    try withTrained({ ($0.network, $0.epochs) = (network, 12) }) { model, report, folder in
      let accuracy = try #require(report.test.network["accuracy"])
      #expect(accuracy > 0.9)
      #expect(report.test.majority["accuracy"] == 0.5 && report.test.ridge["logLoss"] == nil)
      #expect(report.plan.trainingCount == 84 && report.plan.validationCount == 12 && report.test.imageCount == 24)
      #expect(report.plan.parameterCount == model.network.parameterCount && report.plan.network == network)
      // Other sizes and channels are brought to those of training.
      for (index, image) in [Bars.image(500), Bars.image(501), Bars.image(502, side: 30, channels: 3)].enumerated() {
        let answer = try model.predict(image)
        #expect(answer[index % 2] > 0.5 && abs(answer[0] + answer[1] - 1) < 1e-12)
      }
    }
  }

  /// Of a linear network both what it looks for and what counts are its weights.
  @Test func aLinearNetworkShowsItsWeights() throws {
    try withTrained({ ($0.network, $0.epochs) = (.linear, 2) }) { model, _, _ in
      let weights = try #require(model.network.state["1.weight"]).array(of: Double.self)
      let filters = model.firstFilters()
      #expect(filters.count == 2 && filters[1].count == 8 && filters[1][7].count == 8)
      let saliency = model.saliency(of: Bars.image(500), class: 1)
      for (row, column) in [(0, 0), (2, 5), (7, 7)] {
        let weight = weights[(row * 8 + column) * 2 + 1]
        #expect(filters[1][row][column] == [weight])
        #expect(abs(saliency[row][column] - abs(weight)) < 1e-6)
      }
      #expect(model.featureMaps(of: Bars.image(500)).isEmpty)
    }
  }

  @Test func aConvolutionShowsItsWindowsAndWhatTheyFind() throws {
    try withTrained({ ($0.network, $0.epochs) = (.convolutional, 1) }) { model, _, _ in
      let weights = try #require(model.network.state["0.weight"])
      let filters = model.firstFilters()
      #expect(weights.shape == [3, 3, 1, 16] && filters.count == 16)
      #expect(filters[5][1][2] == [weights.array(of: Double.self)[(1 * 3 + 2) * 16 + 5]])
      let layers = model.featureMaps(of: Bars.image(500), channels: 4)
      #expect(layers.map(\.layer) == ["0 Convolution", "1 BatchNorm", "2 ReLU", "3 MaxPooling"])
      let (first, rectified, pooled) = (layers[1].maps, layers[2].maps, layers[3].maps)
      #expect(first.count == 4 && first[0].count == 8 && pooled[0].count == 4 && pooled[0][0].count == 4)
      for channel in 0..<4 {
        for (row, column) in [(0, 0), (3, 6)] {
          #expect(abs(rectified[channel][row][column] - max(first[channel][row][column], 0)) < 1e-6)
        }
        let corner = [(2, 4), (2, 5), (3, 4), (3, 5)].map { rectified[channel][$0.0][$0.1] }
        #expect(abs(pooled[channel][1][2] - corner.max()!) < 1e-6)
      }
    }
  }

  /// The learning rate falls along the epochs if these are given; a time alone says nothing of where it should end.
  @Test func aTimeLeavesTheCourseOfGivenEpochs() throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<60, to: folder)
      let data = try ImageData(folder)
      func rates(_ epochs: Int?, _ seconds: Double?) throws -> [Double] {
        var rates: [Double] = []
        _ = try ImageModel.train(
          data, configuration: Self.configuration { ($0.network, $0.epochs, $0.seconds) = (.linear, epochs, seconds) },
          isCancelled: { rates.count >= 3 }
        ) { event in
          if case .progressed(let progress) = event, progress.isEpochEnd { rates.append(progress.learningRate) }
        }
        return rates
      }
      let falling = try rates(3, nil)
      #expect(try rates(3, 1e6) == falling && falling.count == 3 && falling[2] < 0.3 * falling[0])
      let steady = try rates(nil, 1e6)
      #expect(steady.count == 3 && steady.allSatisfy { abs($0 - 2e-3) < 1e-8 })
    }
  }

  @Test func aModelSurvivesItsFile() throws {
    try withTrained { model, report, folder in
      try model.save(to: "\(folder)/a.safetensors")
      let read = try ImageModel(contentsOf: "\(folder)/a.safetensors")
      #expect(read.preprocessing == model.preprocessing && read.provenance == model.provenance)
      #expect(try read.predict(Bars.image(7)) == model.predict(Bars.image(7)))
      let files = ["\(folder)/bars/above/100.png", "\(folder)/bars/below/101.png"]
      let answers = try read.predict(files: files)
      #expect(try answers == [model.predict(Bars.image(0)), model.predict(Bars.image(1))])
      let scores = try read.evaluate(ImageData("\(folder)/bars", shape: read.shape, classes: read.classes).training)
      #expect(scores.labels.count == 120 && scores.probabilities.count == 120)
      try read.save(to: "\(folder)/b.safetensors")
      #expect(try TestFiles.bytes("\(folder)/a.safetensors") == TestFiles.bytes("\(folder)/b.safetensors"))
    }
  }

  @Test(arguments: [ImageNetwork.leNet5, .vgg, .resNet20, .resNet18, .convNeXt])
  func knownNetworksAreTrained(_ network: ImageNetwork) throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<30, to: folder)
      let data = try ImageData(folder, size: (12, 13))
      let (model, report) = try ImageModel.train(
        data, configuration: Self.configuration { ($0.network, $0.epochs) = (network, 1) })
      #expect(report.plan.network == network && model.shape == ImageShape(height: 12, width: 13, channels: 1))
      try model.save(to: "\(folder)/m.safetensors")
      let read = try ImageModel(contentsOf: "\(folder)/m.safetensors")
      #expect(read.network.parameterCount == report.plan.parameterCount)
    }
  }

  /// From 64 × 64 on, networks have other beginnings.
  @Test(arguments: [ImageNetwork.resNet18, .convNeXt])
  func networksFitTheirImages(_ network: ImageNetwork) {
    for (height, width) in [(8, 9), (28, 28), (63, 200), (64, 64), (224, 96)] {
      let shape = ImageShape(height: height, width: width, channels: 3)
      let model = network.make(shape, classes: 7, seed: 0)
      #expect(model.summary(input: shape.axes).rows.last?.output == "[batch, 7]")
    }
  }

  /// A layer makes more than a million numbers of each image, which would be too many for a row of a table.
  @Test func modelsOfLargeImagesAreReadBack() throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<12, to: "\(folder)/bars")
      let data = try ImageData("\(folder)/bars", size: (272, 272))
      let (model, _) = try ImageModel.train(
        data, configuration: Self.configuration { ($0.epochs, $0.batchSize) = (1, 4) })
      try model.save(to: "\(folder)/m")
      #expect(try ImageModel(contentsOf: "\(folder)/m").shape == model.shape)
    }
  }

  @Test func whatCouldNotBeReadBackIsNotTrained() throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<12, to: folder)
      #expect(
        problem {
          let data = try ImageData(folder, size: (4096, 4096))
          _ = try ImageModel.train(data, configuration: Self.configuration())
        }
          == "The configuration: the layers do not fit images of 4096 × 4096 × 1: layer 0, Convolution: makes examples of "
          + "more than 67108864 numbers, [2, 4096, 4096, 16]; smaller images help.")
      let lines = IDXTests.idx(8, [6, 1, 20_000], [UInt8](repeating: 1, count: 120_000))
      try AtomicFile.write(lines, to: "\(folder)/a-images-idx3-ubyte")
      try AtomicFile.write(IDXTests.idx(8, [6], [0, 1, 0, 1, 0, 1]), to: "\(folder)/a-labels-idx1-ubyte")
      #expect(
        problem {
          _ = try ImageModel.train(ImageData("\(folder)/a-images-idx3-ubyte"), configuration: Self.configuration())
        }
          == "\(folder)/a-images-idx3-ubyte: expected images of at most 16384 pixels on a side and 67108864 numbers, found "
          + "1 × 20000 × 1.")
    }
  }

  /// What is predicted of files is what is scored of the same images in a set.
  @Test(arguments: [1, 3])
  func filesAndSetsAreSeenAlike(channels: Int) throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<60, to: folder, channels: channels)
      let data = try ImageData(folder)
      let (model, _) = try ImageModel.train(data, configuration: Self.configuration { $0.epochs = 2 })
      let scored = try model.evaluate(data.training).probabilities
      let predicted = try model.predict(files: (0..<60).map { "\(folder)/\(data.training.name(of: $0))" })
      for (left, right) in zip(scored, predicted) { #expect(abs(left[0] - right[0]) < 1e-9) }
    }
  }

  @Test func theSameSeedGivesTheSameModel() throws {
    func bytes(seed: UInt64) throws -> [UInt8] {
      var result: [UInt8] = []
      try withTrained({
        $0.seed = seed; $0.epochs = 2
      }) { model, _, folder in
        try model.save(to: "\(folder)/m")
        result = try TestFiles.bytes("\(folder)/m")
      }
      return result
    }
    let first = try bytes(seed: 1)
    #expect(try bytes(seed: 1) == first)
    #expect(try bytes(seed: 2) != first)
  }

  @Test func trainingEndsWhenItsTimeIsOver() throws {
    try withTrained({ ($0.epochs, $0.seconds, $0.patience) = (nil, 0.2, 1_000_000) }) { _, report, _ in
      #expect(report.wasOutOfTime && !report.wasCancelled)
    }
    // Less than an epoch counts, too.
    try withTrained({ ($0.seconds, $0.batchSize) = (1e-9, 2) }) { _, report, _ in
      #expect(report.wasOutOfTime && report.history.epochs.map(\.number) == [1] && report.history.bestEpoch == 1)
    }
    try TestFiles.withFolder { folder in
      try Bars.write(0..<40, to: folder)
      var epochs = 0
      let (_, report) = try ImageModel.train(
        ImageData(folder), configuration: Self.configuration(), isCancelled: { epochs == 2 },
        progress: { if case .progressed(let progress) = $0, progress.isEpochEnd { epochs += 1 } })
      #expect(report.wasCancelled && report.history.epochs.count == 2)
    }
  }

  // MARK: - Errors

  private func problem(_ body: () throws -> Void) -> String? {
    (#expect(throws: ImageModelError.self) { try body() })?.description
  }

  @Test func whatCannotBeTrainedOnIsRefused() throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<8, to: "\(folder)/bars")
      func train(_ path: String, _ change: (inout ImageConfiguration) -> Void = { _ in }) throws {
        _ = try ImageModel.train(ImageData(path), configuration: Self.configuration(change))
      }
      #expect(
        problem { try train("\(folder)/bars", { $0.testShare = 1 }) }
          == "The configuration: expected validationShare and testShare above 0 that leave images for training, found 0.1 "
          + "and 1.0.")
      #expect(
        problem { try train("\(folder)/bars", { $0.epochs = 0 }) }
          == "The configuration: expected epochs from 1 to 1000000000, found 0.")
      #expect(
        problem { try train("\(folder)/bars", { $0.batchSize = .max }) }
          == "The configuration: expected batchSize from 1 to 1000000000, found 9223372036854775807.")
      #expect(
        problem { try train("\(folder)/bars", { $0.seconds = 1e300 }) }
          == "The configuration: expected seconds above 0, at most 1000000000, found 1e+300.")
      #expect(
        problem { try train("\(folder)/bars", { $0.augmentation = Augmentation(.cutout(side: 20)) }) }
          == "The configuration: expected cutouts from 1 to 8 pixels, found 20.")
      #expect(
        problem { try train("\(folder)/bars", { $0.network = .leNet5 }) }
          == "The configuration: expected images of at least 12 × 12 pixels for lenet5, found 8 × 8.")
      #expect {
        try train("\(folder)/bars", { $0.network = .leNet5 })
      } throws: { error in
        guard case .configuration(let problem)? = error as? ImageModelError else { return false }
        return problem.settings == ["network", "size"]
      }
      try FileManager.default.createDirectory(atPath: "\(folder)/one", withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\(folder)/bars/above", toPath: "\(folder)/one/above")
      try Bars.write(0..<8, to: "\(folder)/small", side: 7)
      #expect(
        problem { try train("\(folder)/small", { $0.network = .convNeXt }) }
          == "The configuration: expected images of at least 8 × 8 pixels for convnext, found 7 × 7.")
      #expect(
        problem { try train("\(folder)/one") }
          == "\(folder)/one: expected images of at least two classes, found only \"above\".")
      for index in [101, 103, 105] { try FileManager.default.removeItem(atPath: "\(folder)/bars/below/\(index).png") }
      #expect(
        problem { try train("\(folder)/bars") }
          == "\(folder)/bars: expected at least 3 images of the class \"below\" to train on and to measure with, found 1."
      )
    }
  }

  @Test func hostileModelFilesAreRefused() throws {
    try withTrained({ $0.epochs = 1 }) { model, _, folder in
      let path = "\(folder)/m.safetensors"
      try model.save(to: path)
      let file = try SafeTensors(contentsOf: path)
      func problem(_ key: String, _ old: String, _ new: String) throws -> String? {
        var metadata = file.metadata
        let text = try #require(metadata[key])
        #expect(text.contains(old))
        metadata[key] = text.replacingOccurrences(of: old, with: new)
        try SafeTensors(tensors: file.tensors, metadata: metadata).write(to: path)
        return self.problem { _ = try ImageModel(contentsOf: path) }
      }
      let images = "descent.images"
      #expect(
        try problem(images, "\"height\":8", "\"height\":100000")
          == "\(path): expected images of 1 or 3 channels and at least two classes, found 100000 × 8 × 1.")
      #expect(
        try problem(images, "\"channels\":1", "\"channels\":3")
          == "\(path): expected a mean and a deviation above 0 for each of 3 channels.")
      #expect(
        try problem(images, "\"deviations\":[", "\"deviations\":[0,")
          == "\(path): expected a mean and a deviation above 0 for each of 1 channel.")
      #expect(
        try problem(images, "\"above\"", "\"above\",\"third\"")
          == "\(path): expected a network from images of 8 × 8 × 1 to 3 classes, found another.")
      #expect(
        try problem(images, "\"below\"", "\"above\"")
          == "\(path): expected classes with different names, found one twice among above, above.")
      #expect(
        try problem(images, "\"classes\"", "\"klasses\"")
          == "\(path): expected a model that descent trained on images, found another.")
      #expect(
        try problem("descent.provenance", "\"bestEpoch\"", "\"best\"")
          == "\(path): expected a model that descent trained on images, found another.")
      var looking = file.metadata
      let architecture = try #require(looking["descent.architecture"])
      looking["descent.architecture"] = architecture.replacingOccurrences(
        of: #"{"layer":"ReLU"}"#, with: #"{"count":1,"layer":"Embedding","width":1}"#)
      let weights = ModuleValues(file.tensors.map { ($0.path, $0.value) } + [("2.weight", Tensor.zeros([1, 1]))])
      try SafeTensors(tensors: weights, metadata: looking).write(to: path)
      #expect(
        self.problem { _ = try ImageModel(contentsOf: path) }
          == "\(path): a layer looks up whole numbers, but pixels are read as real ones.")
      try SafeTensors(tensors: file.tensors, metadata: [:]).write(to: path)
      #expect(
        self.problem { _ = try ImageModel(contentsOf: path) }
          == "\(path): expected a model that descent trained on images, found other tensors.")
      let bytes = try {
        try model.save(to: path); return try TestFiles.bytes(path)
      }()
      for length in stride(from: 0, to: bytes.count, by: 97) {
        try AtomicFile.write(Array(bytes[..<length]), to: path)
        #expect(self.problem { _ = try ImageModel(contentsOf: path) }?.hasPrefix(path) == true)
      }
    }
  }
}
