import Descent
import Foundation
import Testing

struct ImageListTests {
  private static let pixels = Tensor((1...12).map { Int32($0) }, shape: [3, 2, 2]).cast(to: .uint8)
  private static let idx = IDXTests.idx(8, [3, 2, 2], Array(1...12))

  private func problem(_ paths: [String]) -> String? {
    (#expect(throws: ModelFileError.self) { try ImageList(paths) })?.description
  }

  private func numbers(_ paths: [String]) throws -> [Int?] { try ImageList(paths).entries.map(\.number) }

  @Test func arraysAreKnownByTheirBeginnings() throws {
    try TestFiles.withFolder { folder in
      try AtomicFile.write(Self.idx, to: "\(folder)/plain")
      try AtomicFile.write(PackedBytes.gzip(Self.idx), to: "\(folder)/packed.png")
      try Self.pixels.write(npy: "\(folder)/a")
      try NumPyArchive(tensors: ["whatever": Self.pixels]).write(to: "\(folder)/one")
      try NumPyArchive(tensors: ["x_train": Self.pixels, "x_test": Self.pixels[0..<2], "y_test": Self.pixels])
        .write(to: "\(folder)/parts.npz", isCompressed: true)
      for name in ["plain", "packed.png", "a", "one"] {
        let entries = try ImageList(["\(folder)/\(name)"]).entries
        #expect(entries.map(\.number) == [0, 1, 2] && entries.allSatisfy { $0.file == "\(folder)/\(name)" })
      }
      #expect(try numbers(["\(folder)/parts.npz"]) == [0, 1])
    }
  }

  @Test func foldersAreOfFilesOrOfArrays() throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<4, to: "\(folder)/files")
      let list = try ImageList(["\(folder)/files/", "\(folder)/files/above/100.png"])
      #expect(list.entries.map(\.number) == [nil, nil, nil, nil, nil])
      #expect(list.entries[0].file == "\(folder)/files/above/100.png")
      try FileManager.default.createDirectory(atPath: "\(folder)/idx", withIntermediateDirectories: true)
      try AtomicFile.write(Self.idx, to: "\(folder)/idx/train-images-idx3-ubyte")
      #expect(try ImageList(["\(folder)/idx/"]).entries[0].file == "\(folder)/idx/train-images-idx3-ubyte")
      try AtomicFile.write(PackedBytes.gzip(Self.idx), to: "\(folder)/idx/t10k-images-idx3-ubyte.gz")
      #expect(try ImageList(["\(folder)/idx"]).entries[2].file == "\(folder)/idx/t10k-images-idx3-ubyte.gz")
    }
  }

  /// The answers are those that the same images give as a labelled set.
  @Test func answersAreThoseOfASet() throws {
    try TestFiles.withFolder { folder in
      let set = try Bars.set(30)
      var configuration = ImageConfiguration()
      (configuration.epochs, configuration.network) = (2, .linear)
      try Bars.write(0..<30, to: "\(folder)/bars")
      let (model, _) = try ImageModel.train(ImageData("\(folder)/bars"), configuration: configuration)
      let pixels = try (0..<30).flatMap { try set.image($0).pixels.map { Int32($0) } }
      try Tensor(pixels, shape: [30, 8, 8, 1]).cast(to: .uint8).write(npy: "\(folder)/a.npy")
      let answers = try model.predict(ImageList(["\(folder)/a.npy"]))
      #expect(answers.count == 30)
      for (left, right) in zip(answers, try model.evaluate(set).probabilities) {
        #expect(abs(left[0] - right[0]) < 1e-9)
      }
      #expect(try model.predict(ImageList(files: [])).isEmpty)
      try AtomicFile.write(Self.idx, to: "\(folder)/small")
      let error = #expect(throws: ImageModelError.self) { try model.predict(ImageList(["\(folder)/small"])) }
      #expect(
        error?.description
          == "\(folder)/small: expected images of 8 × 8 × 1, as the model was trained on, found 2 × 2 × 1.")
    }
  }

  @Test func whatIsNoImageIsRefused() throws {
    try TestFiles.withFolder { folder in
      #expect(problem(["\(folder)/none"]) == "\(folder)/none: no such file.")
      try AtomicFile.write(PackedBytes.gzip([1, 2, 3, 4]), to: "\(folder)/text.gz")
      #expect(
        problem(["\(folder)/text.gz"])
          == "\(folder)/text.gz: expected an IDX file, which begins with two zeros, a type and a rank, found 0x01 0x02 "
          + "0x03 0x04.")
      try NumPyArchive(tensors: ["a": Self.pixels, "b": Self.pixels]).write(to: "\(folder)/two.npz")
      #expect(
        problem(["\(folder)/two.npz"])
          == "\(folder)/two.npz: expected one array, or one that is called images, x_test or x_train, found a, b.")
      try Self.pixels.cast(to: .float32).write(npy: "\(folder)/real.npy")
      #expect(
        problem(["\(folder)/real.npy"])
          == "\(folder)/real.npy: expected images, uint8 of shape [count, height, width] or [count, height, width, 1 or 3], "
          + "found float32 of shape [3, 2, 2].")
      try FileManager.default.createDirectory(atPath: "\(folder)/empty", withIntermediateDirectories: true)
      #expect(
        problem(["\(folder)/empty"])
          == "\(folder)/empty: expected images, files that end in .png, .jpg or .jpeg, found none.")
    }
  }
}
