import Descent
import Foundation
import Testing

struct ImageFolderTests {
  private func make(_ files: [String], in folder: String) throws {
    let png = Image(height: 2, width: 2, channels: 1, pixels: [1, 2, 3, 4]).pngBytes()
    for file in files {
      let path = URL(filePath: "\(folder)/\(file)")
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(png).write(to: path)
    }
  }

  private func problem(_ body: () throws -> Void) -> String? {
    (#expect(throws: ModelFileError.self) { try body() })?.description
  }

  @Test func filesAreListedInOrder() throws {
    try TestFiles.withFolder { folder in
      try make(
        ["b/2.PNG", "b/10.png", "a/x.jpeg", "a/inner/deep/y.Jpg", "a/notes.txt", ".hidden/z.png", "c.png", "a/.z.png"],
        in: folder)
      let found = try ImageFolder(folder)
      #expect(found.classes == ["a", "b"])
      #expect((0..<found.count).map(found.name) == ["a/inner/deep/y.Jpg", "a/x.jpeg", "b/10.png", "b/2.PNG"])
      #expect(found.labels == [0, 0, 1, 1])
      #expect(found.otherFileCount == 1)
      #expect(found.file(3) == "\(folder)/b/2.PNG")
      let identity = found.identity()
      #expect(try ImageFolder(folder).identity() == identity)
      try make(["b/3.png"], in: folder)
      #expect(try ImageFolder(folder).identity() != identity)
    }
  }

  @Test func classesThatAreNumbersAreSortedByValue() throws {
    try TestFiles.withFolder { folder in
      try make(["10/a.png", "9/a.png", "0/a.png"], in: folder)
      #expect(try ImageFolder(folder).classes == ["0", "9", "10"])
    }
  }

  @Test func whatIsNoFolderOfImagesIsRefused() throws {
    try TestFiles.withFolder { folder in
      #expect(problem { _ = try ImageFolder("\(folder)/none") } == "\(folder)/none: no such folder.")
      #expect(
        problem { _ = try ImageFolder(folder) }
          == "\(folder): expected a folder with a folder of images for each class, found none.")
      try make(["a/x.png"], in: folder)
      #expect(
        problem { _ = try ImageFolder("\(folder)/a/x.png") } == "\(folder)/a/x.png: expected a folder, found a file.")
      #expect(
        problem { _ = try ImageFolder(folder, classes: ["b", "c"]) }
          == "\(folder)/a: expected a folder for one of the classes b, c, found \"a\".")
      try make(["empty/readme"], in: folder)
      #expect(
        problem { _ = try ImageFolder(folder) }
          == "\(folder)/empty: expected images, files that end in .png, .jpg or .jpeg, found none.")
      let loop = "\(folder)/a/again"
      try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: "\(folder)/a")
      #expect(problem { _ = try ImageFolder(folder) }?.hasSuffix("expected at most 16 folders in one another.") == true)
    }
  }

  @Test func theShapeIsChosenBySizesAndChannels() throws {
    func decided(_ sizes: [(height: Int, width: Int, channels: Int)], size: (Int, Int)? = nil) throws
      -> ImageShapeDecision
    {
      try TestFiles.withFolder { folder in
        try FileManager.default.createDirectory(atPath: "\(folder)/a", withIntermediateDirectories: true)
        for (index, size) in sizes.enumerated() {
          let count = size.height * size.width * size.channels
          try Image(
            height: size.height, width: size.width, channels: size.channels, pixels: Array(repeating: 9, count: count)
          ).write(png: "\(folder)/a/\(index).png")
        }
        return try ImageShapeDecision(of: ImageFolder(folder), size: size)
      }
    }
    let same = try decided([(20, 30, 1), (20, 30, 1)])
    #expect(same.shape == ImageShape(height: 20, width: 30, channels: 1))
    #expect(same.explanation == "the images are 20 × 30 pixels in grey; they are seen as 20 × 30 (kept).")
    #expect(try decided([(20, 30, 2), (20, 30, 4)]).shape.channels == 3)
    #expect(try decided([(100, 256, 3)]).shape == ImageShape(height: 50, width: 128, channels: 3))
    let mixed = try decided([(20, 30, 1), (50, 24, 1), (200, 300, 1)])
    #expect(mixed.shape == ImageShape(height: 24, width: 24, channels: 1))
    #expect(
      mixed.explanation
        == "the images are of 3 sizes in grey; they are seen as 24 × 24 (a square with the median of their shorter "
        + "sides, at most 64).")
    #expect(try decided([(200, 300, 1), (220, 300, 1)]).shape == ImageShape(height: 64, width: 64, channels: 1))
    #expect(try decided([(20, 30, 1)], size: (7, 9)).shape == ImageShape(height: 7, width: 9, channels: 1))
  }

  @Test func partsAreRecognised() throws {
    try TestFiles.withFolder { folder in
      try Bars.write(0..<6, to: "\(folder)/train")
      try Bars.write(6..<10, to: "\(folder)/Test")
      try Bars.write(10..<12, to: "\(folder)/val")
      let data = try ImageData("\(folder)/")
      #expect(data.form == .folder && data.training.count == 6 && data.test?.count == 4 && data.validation?.count == 2)
      #expect(data.training.classes == Bars.classes && data.test?.labels == [0, 0, 1, 1])
      #expect(try data.training.image(0) == Bars.image(0))
      #expect(try data.training.image(4) == Bars.image(3))
      #expect(data.training.name(of: 4) == "below/103.png")
      let model = try ImageData(folder, shape: ImageShape(height: 4, width: 4, channels: 3), classes: Bars.classes)
      #expect(try model.test?.image(3).pixels.count == 48)
      #expect(
        problem { _ = try ImageData(folder, classes: ["above"]) }
          == "\(folder)/train/below: expected a folder for one of the classes above, found \"below\".")
    }
  }

  #if os(Linux)
    /// Disks of other systems take both for one name.
    @Test func namesThatReadAlikeAreRefused() throws {
      try TestFiles.withFolder { folder in
        for name in ["caf\u{e9}", "cafe\u{301}"] { try make(["\(name)/1.png"], in: folder) }
        #expect(
          problem { _ = try ImageFolder(folder) }?
            .hasPrefix("\(folder): expected folders with different names, found two that read ") == true)
      }
    }
  #endif

  @Test func idxFilesAndArraysAreRecognised() throws {
    try TestFiles.withFolder { folder in
      let images = IDXTests.idx(8, [3, 2, 2], Array(1...12))
      let labels = IDXTests.idx(8, [3], [2, 0, 1])
      for part in ["train", "t10k"] {
        try AtomicFile.write(images, to: "\(folder)/\(part)-images-idx3-ubyte")
        try AtomicFile.write(PackedBytes.gzip(labels), to: "\(folder)/\(part)-labels-idx1-ubyte.gz")
      }
      let data = try ImageData(folder)
      #expect(data.form == .idxFolder && data.training.count == 3 && data.test?.labels == [2, 0, 1])
      #expect(data.training.classes == ["0", "1", "2"])
      #expect(try data.training.image(1).pixels == [5, 6, 7, 8])
      let one = try ImageData("\(folder)/t10k-images-idx3-ubyte")
      #expect(one.form == .idxFile && one.training.labels == [2, 0, 1] && one.test == nil)
      #expect(
        problem { _ = try ImageData(folder, shape: ImageShape(height: 3, width: 2, channels: 1)) }
          == "\(folder): expected images of 3 × 2 × 1, as the model was trained on, found 2 × 2 × 1.")
      #expect(
        problem { _ = try ImageData(folder, classes: ["a", "b"]) }
          == "\(folder), training: expected labels from 0 to 1, found 2.")

      let pixels = Tensor((0..<24).map { Int32($0) }, shape: [2, 2, 2, 3]).cast(to: .uint8)
      try NumPyArchive(tensors: [
        "x_train": pixels, "y_train": Tensor([Int32(1), 0], shape: [2, 1]), "x_test": pixels,
        "y_test": Tensor([Int32(0), 0]),
      ]).write(to: "\(folder)/a.npz")
      let arrays = try ImageData("\(folder)/a.npz")
      #expect(arrays.form == .arrays && arrays.training.labels == [1, 0] && arrays.test?.labels == [0, 0])
      #expect(arrays.training.shape == ImageShape(height: 2, width: 2, channels: 3))
      try NumPyArchive(tensors: ["images": pixels.cast(to: .float32), "labels": Tensor([Int32(1), 0])])
        .write(to: "\(folder)/b.npz")
      #expect(
        problem { _ = try ImageData("\(folder)/b.npz") }
          == "\(folder)/b.npz: expected images, uint8 of shape [count, height, width] or [count, height, width, 1 or 3], "
          + "found float32 of shape [2, 2, 2, 3].")
      #expect(ImageData.Form(of: "\(folder)/table.csv") == nil)
    }
  }
}
