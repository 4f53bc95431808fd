import Descent
import Testing

struct LabelledImagesTests {
  private static let images = IDXTests.idx(8, [2, 1, 3], [1, 2, 3, 4, 5, 6])
  private static let labels = IDXTests.idx(8, [2], [9, 0])

  private func read(
    _ files: [String: [UInt8]], _ part: LabelledImages.Part = .training,
    _ body: (Result<LabelledImages, ModelFileError>, _ folder: String) throws -> Void
  ) throws {
    try TestFiles.withFolder { folder in
      for (name, bytes) in files { try AtomicFile.write(bytes, to: "\(folder)/\(name)") }
      let result = Result { () throws(ModelFileError) in try LabelledImages(idxFolder: folder, part) }
      try body(result, folder)
    }
  }

  @Test(arguments: [
    ("train", "-idx3-ubyte", "-idx1-ubyte"), ("t10k", "-idx3-ubyte.gz", "-idx1-ubyte"),
    ("train", ".idx3-ubyte", ".idx1-ubyte.gz"),
  ])
  func theFilesOfAPartAreFound(part: String, imageEnding: String, labelEnding: String) throws {
    func content(_ bytes: [UInt8], _ ending: String) -> [UInt8] {
      ending.hasSuffix(".gz") ? PackedBytes.gzip(bytes) : bytes
    }
    let files = [
      "\(part)-images\(imageEnding)": content(Self.images, imageEnding),
      "\(part)-labels\(labelEnding)": content(Self.labels, labelEnding),
    ]
    try read(files, try #require(LabelledImages.Part(rawValue: part))) { result, _ in
      let read = try result.get()
      #expect(read.images.shape == [2, 1, 3] && read.images.array(of: Int.self) == [1, 2, 3, 4, 5, 6])
      #expect(read.labels.shape == [2] && read.labels.array(of: Int.self) == [9, 0])
      let dataset = Dataset(inputs: read.images.cast(to: .float32) / 255, targets: read.labels)
      #expect(dataset.count == 2 && dataset.classes == 10 && dataset.inputRowShape == [1, 3])
    }
  }

  @Test(
    arguments: [
      ([:], "", "expected a folder with train-images-idx3-ubyte or train-images-idx3-ubyte.gz, found neither"),
      (
        ["train-images-idx3-ubyte": images], "",
        "expected a folder with train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz, found neither"
      ),
      (
        ["train-images-idx3-ubyte": labels, "train-labels-idx1-ubyte": labels], "/train-images-idx3-ubyte",
        "expected images, uint8 of three axes, found uint8 of shape [2]"
      ),
      (
        ["train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": IDXTests.idx(9, [2], [1, 2])],
        "/train-labels-idx1-ubyte", "expected labels, uint8 of one axis, found int32 of shape [2]"
      ),
      (
        ["train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": IDXTests.idx(8, [3], [1, 2, 3])],
        "/train-labels-idx1-ubyte", "expected 2 labels, one for each image of FOLDER/train-images-idx3-ubyte, found 3"
      ),
    ] as [([String: [UInt8]], String, String)])
  func whatDoesNotBelongTogetherIsRefused(files: [String: [UInt8]], place: String, problem: String) throws {
    try read(files) { result, folder in
      let error = #expect(throws: ModelFileError.self) { try result.get() }
      let expected = "\(folder)\(place): \(problem)."
      #expect(error?.description == expected.replacing("FOLDER", with: folder))
    }
  }

  /// The two real data sets, with counts and sums from another program.
  @Test(
    .needs("mnist", "fashion-mnist"),
    arguments: [
      ("mnist", LabelledImages.Part.training, 60_000, 1_567_298_545, [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], 27_525),
      ("mnist", .test, 10_000, 264_923_200, [7, 2, 1, 0, 4, 1, 4, 9, 5, 9], 18_454),
      ("fashion-mnist", .training, 60_000, 3_431_114_169, [9, 0, 0, 3, 0, 2, 7, 2, 5, 5], 76_247),
      ("fashion-mnist", .test, 10_000, 573_469_082, [9, 2, 1, 1, 6, 1, 4, 6, 5, 7], 33_456),
    ])
  func realImages(
    name: String, part: LabelledImages.Part, count: Int, sum: Int, firstLabels: [Int], firstSum: Int
  ) throws {
    let folder = TestFiles.shared(name)
    let read = try LabelledImages(idxFolder: folder, part)
    #expect(read.images.shape == [count, 28, 28] && read.images.dtype == .uint8)
    #expect(read.images.sum().array(of: Int.self) == [sum])
    #expect(read.images[0].sum().array(of: Int.self) == [firstSum])
    let labels = read.labels.array(of: Int.self)
    #expect(Array(labels.prefix(10)) == firstLabels)
    let counts = labels.reduce(into: [Int](repeating: 0, count: 10)) { $0[$1] += 1 }
    let digits = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    let testDigits = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    let even = [Int](repeating: count / 10, count: 10)
    #expect(counts == (name == "mnist" ? part == .training ? digits : testDigits : even))
  }
}
