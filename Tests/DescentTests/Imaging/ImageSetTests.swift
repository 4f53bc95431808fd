import Descent
import Foundation
import Testing

struct ImageSetTests {
  @Test func normalisationIsThatOfAllPixels() throws {
    let images = Tensor([Int32(0), 255, 51, 51, 102, 102, 0, 0], shape: [2, 2, 1, 2])
    #expect(throws: ModelFileError.self) {
      try ImageSet(images.cast(to: .uint8), labels: Tensor([Int32(0), 1]), name: "two channels")
    }
    let set = try ImageSet(
      images.reshaped([2, 2, 2]).cast(to: .uint8), labels: Tensor([Int32(0), 1]), name: "grey")
    let rules = try ImageNormalization(fitting: set)
    let values = [0, 1, 0.2, 0.2, 0.4, 0.4, 0, 0]
    let mean = values.reduce(0, +) / 8
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8
    #expect(abs(rules.means[0] - mean) < 1e-12 && abs(rules.deviations[0] - variance.squareRoot()) < 1e-12)
    let inputs = set.dataset(rules).inputs
    #expect(inputs.shape == [2, 2, 2, 1])
    for (found, value) in zip(inputs.array(of: Double.self), values) {
      #expect(abs(found - (value - mean) / variance.squareRoot()) < 1e-6)
    }
  }

  @Test func equalImagesAreCountedByTheirPixels() throws {
    let pixels = Tensor([Int32(1), 2, 3, 4, 1, 2, 1, 2, 2, 1], shape: [5, 1, 2])
    let set = try ImageSet(
      pixels.cast(to: .uint8), labels: Tensor([Int32(0), 0, 0, 1, 1]), name: "pairs")
    let parts = [set.subset([0, 1, 3]), set.subset([2, 4])]
    let equal = try #require(EqualImages(inMemory: parts))
    for (finding, count, copy) in [(equal.all, 2, 3), (equal.otherLabels, 1, 3), (equal.otherParts, 1, 2)] {
      #expect(finding.count == count && finding.example?.copy == "pairs, image \(copy)")
      #expect(finding.example?.original == "pairs, image 0")
    }
    let none = try #require(EqualImages(inMemory: [set.subset([0, 1, 4])]))
    #expect(none.all.count == 0 && none.all.example == nil)
  }

  @Test func channelsAreNormalisedOneByOneAndPlainOnesAreLeft() throws {
    let pixels = Tensor((0..<12).flatMap { [Int32($0), 7, Int32(20 * $0)] }, shape: [1, 3, 4, 3])
    let set = try ImageSet(pixels.cast(to: .uint8), labels: Tensor([Int32(0)]), name: "colours")
    let rules = try ImageNormalization(fitting: set)
    #expect(rules.deviations[1] == 1 && abs(rules.means[1] - 7 / 255.0) < 1e-12)
    #expect(abs(rules.deviations[2] / rules.deviations[0] - 20) < 1e-9)
    let inputs = set.dataset(rules).inputs
    #expect(inputs.slice(axis: 3, from: 1, count: 1).array(of: Float.self).allSatisfy { abs($0) < 1e-6 })
  }

  /// Files are decoded when a batch asks for them, and train as the same images in memory do, to the bit, augmented in every
  /// way and with any number of threads.
  @Test func filesTrainAsMemoryDoes() throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<24, to: folder)
      let files = try ImageData(folder).training
      // In the order of the folders.
      let order = (0..<24).sorted { ($0 % 2, $0) < ($1 % 2, $1) }
      let memory = try Bars.set(24).subset(order)
      #expect(files.labels == memory.labels)
      func weights(_ set: ImageSet, threads: Int) throws -> [Float] {
        let model = withSeed(2) {
          Sequential {
            Convolution(1, 4, window: [3, 3]); ReLU(); GlobalAveragePooling(); Dense(4, 2)
          }
        }
        let data = set.dataset(
          try ImageNormalization(fitting: set),
          augmentation: Augmentation(
            .shift(pixels: 1), .flipHorizontally(), .flipVertically(), .rotate(degrees: 10), .crop(share: 0.6),
            .cutout(side: 2), .brightness(range: 0.2), .contrast(range: 0.2), mixup: 0.3), seed: 9)
        let trainer = try Trainer(
          model, on: data, optimizer: .adam(learningRate: 0.01),
          options: TrainingOptions(epochs: 3, batchSize: 5, seed: 4), engine: .cpu(.best, threads: threads)
        ) { model, batch in softmaxCrossEntropy(logits: model(batch.inputs), targets: batch.targets) }
        while !trainer.isFinished { try trainer.advance() }
        return model.parameters.tensors.flatMap { $0.array(of: Float.self) }
      }
      let alone = try weights(files, threads: 1)
      for threads in [1, 2, 3] { #expect(try weights(memory, threads: threads) == alone, "\(threads)") }
      #expect(try weights(files, threads: 2) == alone)
    }
  }

  @Test func aDamagedFileStopsTrainingWithItsName() throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<24, to: folder)
      let path = "\(folder)/below/105.png"
      var bytes = try TestFiles.bytes(path)
      bytes[bytes.count - 20] ^= 1
      try AtomicFile.write(bytes, to: path)
      let set = try ImageData(folder).training
      let sentence = "\(path): the chunk IDAT does not have the checksum that is stored with it, so it is damaged"
      #expect(
        (#expect(throws: ModelFileError.self) { try ImageNormalization(fitting: set) })?.description == sentence + ".")
      let data = set.dataset(ImageNormalization(means: [0.5], deviations: [1]))
      let model = Sequential {
        Flatten(); Dense(64, 2)
      }
      let error = #expect(throws: TrainingError.self) {
        try model.fit(data, loss: .softmaxCrossEntropy(), optimizer: .adam(), epochs: 1, batchSize: 8)
      }
      #expect(error?.description.contains(sentence) == true)
    }
  }

  @Test func theBatchesOfAFolderAreReadOneByOne() throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<6, to: folder)
      let data = try ImageData(folder).training.dataset(ImageNormalization(means: [0], deviations: [1]))
      // What is gone by then cannot have been read before.
      try FileManager.default.removeItem(atPath: "\(folder)/below/105.png")
      let batches = data.batches(of: 2)
      #expect(batches[0].count == 2 && batches[1].count == 2)
    }
  }
}
