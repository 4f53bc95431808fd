import Descent
import Foundation
import Testing

@Suite struct ImageCommandTests {
  /// Images of 8 × 8 pixels that are bright above or below, in the folders of their classes.
  private func write(_ indices: Range<Int>, to folder: URL) throws {
    for index in indices {
      let name = ["above", "below"][index % 2]
      let place = folder.appending(path: name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      var random = RandomSource(UInt64(index))
      let pixels = (0..<64).map { UInt8(($0 / 32 == index % 2 ? 150 : 0) + random.next() % 60) }
      try Image(height: 8, width: 8, channels: 1, pixels: pixels).write(png: "\(place.path)/\(index + 100).png")
    }
  }

  /// Trains once and runs `body` in the folder with `bars/` and `bars.safetensors`.
  private func withModel(_ body: (URL, CommandRun) throws -> Void) throws {
    try TestFiles.withFolder { folder in
      try write(0..<60, to: folder.appending(path: "bars"))
      let run = try CommandRun(
        ["train", "bars/", "--epochs", "12", "--batch-size", "8", "--network", "convolutional"], in: folder)
      try #require(run.exitCode == 0, "\(run.errors)")
      try body(folder, run)
    }
  }

  @Test func saysWhatItUnderstoodAndHowGoodItIs() throws {
    try withModel { folder, run in
      #expect(run.errors == "")
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines[0] == "bars: 60 images in 2 classes")
      #expect(lines[2] == "Images    the images are 8 × 8 pixels in grey; they are seen as 8 × 8 (kept).")
      #expect(lines[3] == "Classes   above (30), below (30)")
      #expect(
        lines[4]
          == "Split     42 images to train, 6 to validate, 12 to test (validation and test drawn, seed 0, the same shares "
          + "of each class)")
      #expect(lines[5].hasPrefix("Network   convolutional, ") && lines[5].hasSuffix(" parameters"))
      #expect(
        lines[6]
          == "Training  AdamW, learning rate 0.002 along a cosine, batches of 8, shifts up to 1 pixel, at most 12 epochs, "
          + "patience 8")
      #expect(lines[8].hasPrefix("  epoch     1   loss ") && lines[8].contains("   accuracy "))
      let text = run.output
      #expect(text.contains("\nScores on the 12 test images, which nothing was fitted to\n"))
      func accuracy(of name: String) throws -> Double {
        let line = try #require(lines.first { $0.hasPrefix("\(name) ") })
        return try #require(Double(line.dropFirst(name.count).split(separator: " ").first ?? ""))
      }
      let rivals = try ["ridge regression on pixels", "nearest class mean", "majority class"].map {
        ($0, try accuracy(of: $0))
      }
      let most = try #require(rivals.map(\.1).max())
      let best = try #require(rivals.first { $0.1 == most }).0
      let advice = best == "majority class" ? "it is of no use yet" : "that is what to use"
      #expect(
        lines.contains(
          try accuracy(of: "network") > most
            ? "The network is better than the best of the others, \(best)."
            : "The network is not better than \(best), by accuracy: \(advice)."))
      #expect(
        text.hasSuffix("Wrote bars.safetensors and bars.html.\nNext: descent predict bars.safetensors IMAGE.png\n"))
    }
  }

  @Test func predictsFilesAndFolders() throws {
    try withModel { folder, _ in
      let run = try CommandRun(["predict", "bars.safetensors", "bars/below/101.png", "bars/above"], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      let lines = run.output.split(separator: "\n").map(String.init)
      #expect(lines[0] == "file,predicted_class,probability_above,probability_below")
      #expect(lines.count == 32)
      #expect(lines[1].hasPrefix("bars/below/101.png,below,0."))
      #expect(lines[2].hasPrefix("bars/above/100.png,above,0."))
      let written = try CommandRun(
        ["predict", "bars.safetensors", "bars/below/101.png", "--json", "--output", "a.json"], in: folder)
      #expect(written.exitCode == 0 && written.output == "")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: "a.json"))) as? [String: Any])
      #expect(object["file"] as? String == "bars/below/101.png" && object["label"] as? String == "below")
      let shares = try #require(object["probabilities"] as? [String: Double])
      #expect(abs(shares.values.reduce(0, +) - 1) < 1e-9)
    }
  }

  /// Arrays in files give a line an image, with its number, and the answers that the same images give as files.
  @Test func predictsArrays() throws {
    try withModel { folder, _ in
      let files = ["bars/above/100.png", "bars/below/101.png"]
      let pixels = try files.flatMap { try Image(contentsOf: "\(folder.path)/\($0)").pixels }
      let idx: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 8] + pixels
      try Data(idx).write(to: folder.appending(path: "t10k-images-idx3-ubyte"))
      try Tensor(pixels.map { Int32($0) }, shape: [2, 8, 8]).cast(to: .uint8).write(npy: "\(folder.path)/a.npy")
      let expected = try CommandRun(["predict", "bars.safetensors"] + files, in: folder).output.split(separator: "\n")
      let run = try CommandRun(
        ["predict", "bars.safetensors", "t10k-images-idx3-ubyte", "a.npy", files[0]], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      let lines = run.output.split(separator: "\n")
      #expect(lines.count == 6 && lines[0] == "file,image,predicted_class,probability_above,probability_below")
      for (line, name) in zip(
        lines[1...], ["t10k-images-idx3-ubyte,0", "t10k-images-idx3-ubyte,1", "a.npy,0", "a.npy,1"])
      {
        let answer = expected[name.hasSuffix("0") ? 1 : 2].split(separator: ",", maxSplits: 1)[1]
        #expect(line == "\(name),\(answer)")
      }
      #expect(lines[5].hasPrefix("\(files[0]),,above,0."))
      let json = try CommandRun(["predict", "bars.safetensors", "a.npy", "--json"], in: folder).objects()
      #expect(json.map { $0["image"] as? Int } == [0, 1] && json.map { $0["label"] as? String } == ["above", "below"])
      #expect(json.allSatisfy { $0["file"] as? String == "a.npy" })
      for input in ["bars", "a.npy"] {
        let output = input == "bars" ? "bars/above/100.png" : input
        let refused = try CommandRun(["predict", "bars.safetensors", input, "--output", output], in: folder)
        let which = input == "bars" ? "belongs to the data that is read" : "is read"
        #expect(refused.errors == "descent: \(output): this file \(which), so the output needs another name.\n")
        #expect(refused.exitCode == 64)
      }
    }
  }

  @Test func evaluatesOtherImages() throws {
    try withModel { folder, _ in
      try write(100..<120, to: folder.appending(path: "others"))
      let run = try CommandRun(["evaluate", "bars.safetensors", "others", "--json"], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      let line = try #require(try run.objects().first)
      let scores = try #require(line["scores"] as? [String: Double])
      let accuracy = try #require(scores["accuracy"])
      #expect(line["images"] as? Int == 20 && accuracy > 0.8)
      let seen = try CommandRun(["evaluate", "bars.safetensors", "bars"], in: folder)
      #expect(
        seen.errors
          == "bars is the data the model was trained on: it has seen most of these images, so the scores flatter it.\n")
      #expect(seen.output.hasPrefix("Predictions of the classes of 60 images\n"))
    }
  }

  @Test func inspectsModelsAndImages() throws {
    try withModel { folder, _ in
      let run = try CommandRun(["inspect", "bars.safetensors"], in: folder)
      #expect(run.exitCode == 0)
      #expect(run.output.hasPrefix("bars.safetensors: tells 2 classes of images of 8 × 8 × 1 (above, below)\n"))
      for piece in [
        "MaxPooling", "Pixels    (value / 255 − ", "Data      bars, SHA-256 ", "42 images, 6 to validate",
      ] {
        #expect(run.output.contains(piece))
      }
      let model = try #require(try CommandRun(["inspect", "bars.safetensors", "--json"], in: folder).objects().first)
      #expect(model["classes"] as? [String] == ["above", "below"] && model["shape"] as? [Int] == [8, 8, 1])
      let data = try CommandRun(["inspect", "bars"], in: folder)
      #expect(data.output.hasPrefix("bars: 60 images in 2 classes\nImages    the images are 8 × 8 pixels in grey"))
      let line = try #require(try CommandRun(["inspect", "bars", "--json"], in: folder).objects().first)
      #expect(line["parts"] as? [String: Int] == ["train": 60])
      #expect(line["counts"] as? [Int] == [30, 30] && line["damaged"] as? [String] == [])
      #expect((line["means"] as? [Double])?.count == 1)
    }
  }

  /// All that can be read is counted, and all that cannot is named: a training would stop at the first.
  @Test func inspectingNamesDamagedFiles() throws {
    try TestFiles.withFolder { folder in
      for (name, values) in [("a", [0, 255]), ("b", [255, 0])] as [(String, [UInt8])] {
        let place = folder.appending(path: "two/\(name)").path
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try Image(height: 1, width: 2, channels: 1, pixels: values).write(png: "\(place)/1.png")
      }
      try TestFiles.write("no image", "two/a/0.png", in: folder)
      let torn = try Data(contentsOf: folder.appending(path: "two/a/1.png")).dropLast(3)
      try torn.write(to: folder.appending(path: "two/b/2.png"))
      let run = try CommandRun(["inspect", "two"], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines[0] == "two: 4 images in 2 classes" && lines[2] == "Classes   a (2), b (2)")
      #expect(lines[3] == "Pixels    mean 0.5, deviation 0.5, as shares of 255")
      #expect(lines[4] == "Damaged   2 images")
      #expect(
        lines[5]
          == "  two/a/0.png: expected a PNG or a JPEG file, found a file that begins with 0x6E 0x6F 0x20 0x69 0x6D 0x61 "
          + "0x67 0x65.")
      #expect(lines[6].hasPrefix("  two/b/2.png: "))
      #expect(lines[7] == "Equal     none" && lines[8] == "Others    0 other files")
      let line = try #require(try CommandRun(["inspect", "two", "--json"], in: folder).objects().first)
      #expect((line["damaged"] as? [String])?.count == 2 && line["means"] as? [Double] == [0.5])
      for name in ["a/1.png", "b/1.png"] {
        try FileManager.default.removeItem(at: folder.appending(path: "two/\(name)"))
      }
      try TestFiles.write("none", "two/b/2.png", in: folder)
      let none = try CommandRun(["inspect", "two"], in: folder)
      #expect(none.exitCode == 65 && none.errors.hasPrefix("descent: two/b/2.png: expected a PNG or a JPEG file"))
    }
  }

  /// Copies flatter what is measured on them, and two labels of one image cannot both be right.
  @Test func inspectingCountsEqualImages() throws {
    try TestFiles.withFolder { folder in
      func write(_ name: String, _ pixels: [UInt8]) throws {
        let file = folder.appending(path: "data/\(name)")
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Image(height: 1, width: 2, channels: 1, pixels: pixels).write(png: file.path)
      }
      try write("train/a/1.png", [0, 255])
      try write("train/a/2.png", [0, 255])
      try write("train/a/3.png", [10, 20])
      try write("train/b/1.png", [0, 255])
      try write("train/b/2.png", [30, 40])
      try write("test/a/1.png", [10, 20])
      try write("test/b/1.png", [50, 60])
      let run = try CommandRun(["inspect", "data"], in: folder)
      #expect(
        run.output.contains(
          """
          Equal     3 images are equal to an earlier one, as data/train/a/2.png and data/train/a/1.png
            1 of them has another label, as data/train/b/1.png and data/train/a/1.png
            1 of them is in another part, as data/test/a/1.png and data/train/a/3.png
          Others
          """))
      let line = try #require(try CommandRun(["inspect", "data", "--json"], in: folder).objects().first)
      #expect(line["equal"] as? [String: Int] == ["all": 3, "otherLabels": 1, "otherParts": 1])
      #expect(
        (line["equalExamples"] as? [String: [String: String]])?["otherParts"]
          == ["copy": "data/test/a/1.png", "original": "data/train/a/3.png"])
    }
  }

  @Test func writesJSONAndAReport() throws {
    try TestFiles.withFolder { folder in
      try write(0..<40, to: folder.appending(path: "bars"))
      let run = try CommandRun(
        [
          "train", "bars", "--epochs", "2", "--no-augment", "--json", "--report", "page.html", "--output", "m",
          "--size",
          "6x5",
        ], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      let objects = try run.objects()
      #expect(objects.map { $0["event"] as? String } == ["plan", "epoch", "epoch", "result"])
      #expect(objects[0]["shape"] as? [Int] == [6, 5, 1] && objects[0]["trainingImages"] as? Int == 28)
      #expect((objects[1]["accuracy"] as? Double) != nil)
      let baselines = try #require(objects[3]["baselines"] as? [String: [String: Double]])
      #expect(Set(baselines.keys) == ["ridge", "nearestMean", "majority"])
      #expect(objects[3]["report"] as? String == "page.html")
      let page = try String(contentsOf: folder.appending(path: "page.html"), encoding: .utf8)
      for title in ["Learning", "Confusion", "Images", "What it looks at", "The windows of the first convolution"] {
        #expect(page.contains(title))
      }
      #expect(page.contains("data:image/png;base64,"))
      #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
      for (network, title) in [
        ("linear", "The weights of the first layer at their pixels; grey is 0."),
        ("perceptron", "The weights of the first layer at their pixels, 24 of 256; grey is 0."),
        ("resnet20", "What layer 11 ResidualBlock makes of the first of them"),
      ] {
        let run = try CommandRun(
          ["train", "bars", "--epochs", "1", "--network", network, "--quiet", "--output", network], in: folder)
        let page = try String(contentsOf: folder.appending(path: "\(network).html"), encoding: .utf8)
        #expect(run.exitCode == 0 && page.contains(title), "\(network)")
      }
      let quiet = try CommandRun(["train", "bars", "--epochs", "1", "--quiet", "--output", "n"], in: folder)
      #expect(quiet.output == "" && quiet.errors == "" && quiet.exitCode == 0)
    }
  }

  /// A matrix of so many classes cannot be drawn.
  @Test func manyClassesHaveTheirMostFrequentConfusions() throws {
    try TestFiles.withFolder { folder in
      for name in 10..<51 {
        let place = folder.appending(path: "many/\(name)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for index in 0..<10 {
          // Some classes are of one brightness, which nobody can tell apart.
          let pixels = [UInt8](repeating: UInt8(name / 2 * 5 + index % 3), count: 4)
          try Image(height: 2, width: 2, channels: 1, pixels: pixels).write(png: "\(place.path)/\(index).png")
        }
      }
      let run = try CommandRun(
        ["train", "many", "--epochs", "2", "--network", "linear", "--quiet", "--output", "m"], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      let page = try String(contentsOf: folder.appending(path: "m.html"), encoding: .utf8)
      #expect(page.contains("The most frequent confusions, ") && page.contains("taken for</th>"))
      #expect(!page.contains("Shades are shares of a row"))
    }
  }

  @Test func sameSeedSameBytes() throws {
    try TestFiles.withFolder { folder in
      try write(0..<40, to: folder.appending(path: "bars"))
      func model(_ seed: String) throws -> Data {
        let run = try CommandRun(
          [
            "train", "bars", "--epochs", "2", "--seed", seed, "--quiet", "--output", "m", "--augment",
            "shift,flip,rotate,crop,cutout,brightness,contrast,mixup,flip-vertically",
          ], in: folder)
        try #require(run.exitCode == 0, "\(run.errors)")
        return try Data(contentsOf: folder.appending(path: "m"))
      }
      let first = try model("4")
      #expect(try model("4") == first)
      #expect(try model("5") != first)
    }
  }

  @Test func stopsOnRequest() throws {
    try TestFiles.withFolder { folder in
      try write(0..<60, to: folder.appending(path: "bars"))
      let run = try CommandRun(
        ["train", "bars", "--epochs", "100000", "--batch-size", "2"], in: folder, interruptedAfter: "epoch     1")
      #expect(run.exitCode == 130 && run.output.contains("\nInterrupted in epoch "))
      #expect(run.errors == CommandRun.interruption)
      let page = try String(contentsOf: folder.appending(path: "bars.html"), encoding: .utf8)
      #expect(page.contains("Training was interrupted in epoch ") && !page.contains("gives the same model"))
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "bars.safetensors").path))
    }
  }

  // MARK: - Errors

  @Test func whateverIsWrongIsOneSentence() throws {
    try TestFiles.withFolder { folder in
      try write(0..<30, to: folder.appending(path: "bars"))
      try write(0..<4, to: folder.appending(path: "few"))
      try write(0..<30, to: folder.appending(path: "torn"))
      let torn = folder.appending(path: "torn/below/111.png")
      try Data(contentsOf: torn).dropLast(30).write(to: torn)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "empty/a"), withIntermediateDirectories: true)
      try TestFiles.write("no images", "train-images-idx3-ubyte", in: folder)
      try TestFiles.write("PK", "a.npz", in: folder)
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      func check(_ arguments: [String], _ sentence: String, _ code: Int32) throws {
        let run = try CommandRun(arguments, in: folder)
        #expect(run.errors == "descent: \(sentence)\n")
        #expect(run.exitCode == code && run.output == "")
      }
      try check(
        ["train", "few"],
        "few: expected at least 3 images of the class \"above\" to train on and to measure with, found 2.",
        65)
      try check(
        ["train", "torn"],
        "torn/below/111.png: the chunk IDAT of \(try size(torn) - 27) bytes goes beyond the end of the file.", 65)
      try check(
        ["train", "empty"], "empty/a: expected images, files that end in .png, .jpg or .jpeg, found none.", 65)
      try check(
        ["train", "train-images-idx3-ubyte"],
        ".: expected a folder with train-labels-idx1-ubyte or "
          + "train-labels-idx1-ubyte.gz, found neither.", 65)
      try check(
        ["train", "bars", "--predict", "y"], "--predict: bars is images, for which there is no such option.", 64)
      try check(
        ["train", "line.csv", "--predict", "y", "--time", "3"],
        "--time: line.csv is a table, for which there is no such option.", 64)
      try check(
        ["train", "bars", "--network", "huge"],
        "--network: expected \(ImageNetwork.allCases.map(\.rawValue).joined(separator: " or ")), found \"huge\".", 64)
      try check(
        ["train", "bars", "--augment", "shift,spin"],
        "--augment: expected shift or flip or flip-vertically or rotate or crop or cutout or brightness or contrast or "
          + "mixup, found \"spin\".", 64)
      try check(
        ["train", "bars", "--augment", "shift,flip,shift"],
        "--augment: expected each kind once, found \"shift\" twice.", 64)
      try check(
        ["train", "bars", "--size", "0"],
        "--size: expected a size in pixels from 1 to 1024 such as 64, or height and width such as 48x64, found \"0\".",
        64)
      try check(
        ["train", "bars", "--size=9", "--network", "lenet5"],
        "--network lenet5 --size=9: expected images of at least 12 × 12 pixels for lenet5, found 9 × 9.", 64)
      try TestFiles.writeImages("some", in: folder)
      try check(
        ["train", "some-images-idx3-ubyte", "--size", "4"],
        "--size: some-images-idx3-ubyte holds arrays of images, which keep their size.", 64)
      try check(
        ["train", "bars", "--time", "-1"], "--time: expected a time such as 90, 90s, 10m or 1h, found \"-1\".", 64)
      try check(
        ["train", "bars", "--augment", "flip", "--no-augment"], "Expected --augment or --no-augment, found both.", 64)
      try check(
        ["train", "bars", "--report", "m", "--output", "m"], "m: the model and the report need a file each.", 64)
      try #require(
        CommandRun(["train", "bars", "--epochs", "1", "--quiet", "--output", "m"], in: folder).exitCode == 0)
      try check(
        ["predict", "m", "line.csv"],
        "line.csv: expected a PNG or a JPEG file, found a file that begins with 0x61 0x2C 0x6B 0x69 0x6E 0x64 0x2C 0x79.",
        65)
      try check(
        ["predict", "m", "some-images-idx3-ubyte"],
        "some-images-idx3-ubyte: expected images of 8 × 8 × 1, as the model was trained on, found 2 × 2 × 1.", 65)
      try check(["predict", "m", "absent.png"], "absent.png: no such file.", 65)
      try check(
        ["evaluate", "m", "line.csv"],
        "line.csv: expected a folder of images, IDX files or a .npz file of images, found none of these.", 65)
      try FileManager.default.moveItem(
        at: folder.appending(path: "few/above"), to: folder.appending(path: "few/left"))
      try check(
        ["evaluate", "m", "few"], "few/left: expected a folder for one of the classes above, below, found \"left\".", 65
      )
    }
  }

  @Test func saysWhatAFolderMustHold() throws {
    try TestFiles.withFolder { folder in
      try write(0..<6, to: folder.appending(path: "bars"))
      try FileManager.default.moveItem(
        at: folder.appending(path: "bars/above"), to: folder.appending(path: "flat"))
      try FileManager.default.createDirectory(
        at: folder.appending(path: "test"), withIntermediateDirectories: true)
      try TestFiles.writeImages("t10k", in: folder.appending(path: "test"))
      try FileManager.default.createDirectory(
        at: folder.appending(path: "tables.d"), withIntermediateDirectories: true)
      try TestFiles.write(TestFiles.line, "tables.d/line.csv", in: folder)
      for (name, found) in [
        ("flat", "3 images and no folder of a class"), ("tables.d", "1 file and no folder of a class"),
        ("test", "images to test, t10k-images-idx3-ubyte, and none to train"),
      ] {
        for arguments in [
          ["train", name], ["train", name, "--network", "vgg"], ["train", name, "--predict", "y"],
          ["train", name, "--series", "y"], ["inspect", name],
        ] {
          let run = try CommandRun(arguments, in: folder)
          #expect(
            run.errors
              == "descent: \(name): expected a folder of images for each class, or folders train and test of such, or the "
              + "IDX files train-images-idx3-ubyte and train-labels-idx1-ubyte, found \(found).\n")
          #expect(run.exitCode == 65 && run.output == "")
        }
      }
    }
  }

  /// No output replaces an image of a folder that is read, or what lies with an IDX file that is; not even by force.
  @Test func neverWritesToTheData() throws {
    try TestFiles.withFolder { folder in
      try write(0..<30, to: folder.appending(path: "bars"))
      try TestFiles.write("GIF89a", "bars/above/old.gif", in: folder)
      let mnist = folder.appending(path: "mnist")
      for stem in ["train", "t10k"] {
        try FileManager.default.createDirectory(at: mnist, withIntermediateDirectories: true)
        try TestFiles.writeImages(stem, in: mnist)
      }
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "link.png"), withDestinationURL: folder.appending(path: "bars/above/100.png"))
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "same"), withDestinationURL: folder.appending(path: "bars"))
      let image = "bars/above/100.png"
      let (images, labels) = ("mnist/train-images-idx3-ubyte", "mnist/train-labels-idx1-ubyte")
      for (input, output) in [
        ("bars", image), ("bars/", image), ("./bars", "\(folder.path)/\(image)"), ("same", image),
        ("bars", "same/below/101.png"), ("bars", "link.png"), ("bars", "bars/above/old.gif"), (images, labels),
        (images, "mnist/t10k-images-idx3-ubyte"), ("mnist", labels), ("mnist", images),
      ] {
        let file = URL(filePath: output.hasPrefix("/") ? output : "\(folder.path)/\(output)")
        let before = try Data(contentsOf: file)
        for arguments in [
          ["train", input, "--force", "--output", output],
          ["train", input, "--force", "--output", "m", "--report", output],
          ["predict", "absent", input, "--output", output],
        ] {
          let run = try CommandRun(arguments, in: folder)
          #expect(
            run.errors
              == "descent: \(output): this file belongs to the data that is read, so the output needs another name.\n")
          #expect(run.exitCode == 64 && run.output == "")
        }
        #expect(try Data(contentsOf: file) == before)
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "m").path))
    }
  }

  /// The outputs of before, which may lie in the folder of the data, are replaced as they always are.
  @Test func trainsAgainInTheFolderOfTheData() throws {
    try TestFiles.withFolder { folder in
      try write(0..<30, to: folder)
      for seed in ["1", "2"] {
        let run = try CommandRun(["train", ".", "--epochs", "1", "--quiet", "--seed", seed], in: folder)
        #expect(run.exitCode == 0 && run.errors == "")
      }
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "model.safetensors").path))
    }
  }

  private func size(_ file: URL) throws -> Int { try Data(contentsOf: file).count }
}

extension TestFiles {
  /// Two images of 2 × 2 pixels and their labels as IDX files.
  fileprivate static func writeImages(_ name: String, in folder: URL) throws {
    let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2] + Array(1...8)
    try Data(images).write(to: folder.appending(path: "\(name)-images-idx3-ubyte"))
    try Data([0, 0, 8, 1, 0, 0, 0, 2, 0, 1] as [UInt8]).write(to: folder.appending(path: "\(name)-labels-idx1-ubyte"))
  }
}
