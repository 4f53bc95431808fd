import Foundation
import Testing

@Suite struct TrainTests {
  /// The command to go on with is one a shell takes as it stands, whatever the model is called.
  @Test(arguments: [["--predict", "y"], ["--series", "y", "--horizon", "1", "--window", "2"]])
  func quotesWhatComesNext(options: [String]) throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let run = try CommandRun(
        ["train", "line.csv", "--epochs", "1", "--no-report", "--output", "a b.safetensors"] + options, in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      #expect(
        run.output.hasSuffix("Wrote a b.safetensors.\nNext: descent predict 'a b.safetensors' NEW.csv\n"))
    }
  }

  @Test func saysWhatItUnderstood() throws {
    try TestFiles.withFolder { folder in
      let run = try CommandRun(["train", TestFiles.iris, "--predict", "species", "--epochs", "30"], in: folder)
      #expect(run.exitCode == 0)
      #expect(run.errors == "")
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines[0] == "\(TestFiles.iris): 150 rows × 5 columns, nothing missing")
      #expect(lines[1] == "")
      #expect(lines[2].hasPrefix("  sepal_length  number, standardised (mean "))
      #expect(lines[6] == "  species       predicted, one of 3 classes (setosa, versicolor, virginica)")
      #expect(lines[7] == "")
      #expect(lines[8] == "Task      \"species\" holds 3 categories, so this is a classification into 3 classes.")
      #expect(
        lines[9]
          == "Checks    1 row repeats an earlier row (first in line 144); a split keeps equal rows in one part.")
      #expect(lines[10].hasPrefix("Split     "))
      #expect(lines[10].hasSuffix("(seed 0, the same shares of each class in all)"))
      #expect(lines[11] == "Network   4 → 64 → 64 → 3, SiLU, 4675 parameters")
      #expect(
        lines[12] == "Training  AdamW, learning rate 0.003, batches of 32, label smoothing 0.1, at most 30 epochs, "
          + "patience 30")
      #expect(lines[13] == "")
      for (index, epoch) in ["1", "2", "5", "10", "20", "30"].enumerated() {
        let text = "  epoch " + String(repeating: " ", count: 5 - epoch.count) + epoch
        #expect(lines[14 + index].hasPrefix("\(text)   loss "))
        #expect(lines[14 + index].contains("   validation "))
      }
      #expect(lines[20].hasPrefix("Done after 30 epochs; the best, epoch "))
      #expect(lines[21] == "")
      #expect(lines[22].hasPrefix("Scores on the "))
      #expect(
        lines[23].split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) } == [
          "accuracy", "balanced accuracy", "log loss",
        ])
      #expect(lines[25].hasPrefix("network  "))
      #expect(lines[26].hasPrefix("logistic regression  "))
      #expect(lines[27].hasPrefix("majority class  "))
      let losses = try lines[25...27].map { try #require(Double($0.split(separator: " ").last ?? "")) }
      #expect(losses[1] < losses[2])
      #expect(
        lines[28] == ""
          && lines[29]
            == (losses[0] < losses[1]
              ? "The network is better than the best of the others, logistic regression."
              : "The network is not better than logistic regression, by log loss: that is what to use.")
      )
      #expect(
        lines[30...] == [
          "", "Wrote iris.safetensors and iris.html.", "Next: descent predict iris.safetensors NEW.csv", "",
        ])
      #expect(!run.output.contains("\u{1B}"), "nothing is redrawn where there is no terminal")
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "iris.safetensors").path))
    }
  }

  @Test func multipliesInThePrecisionItIsTold() throws {
    try TestFiles.withFolder { folder in
      let arguments = ["train", TestFiles.iris, "--predict", "species", "--epochs", "3", "--output", "m.safetensors"]
      let path = folder.appending(path: "m.safetensors")
      let exact = try CommandRun(arguments + ["--precision", "float32"], in: folder)
      let exactModel = try Data(contentsOf: path)
      let rounded = try CommandRun(arguments + ["--precision", "bfloat16"], in: folder)
      #expect(exact.exitCode == 0 && rounded.exitCode == 0)
      #expect(!exact.output.contains("products in"))
      #expect(rounded.output.contains("label smoothing 0.1, products in bfloat16, at most 3 epochs"))
      #expect(try Data(contentsOf: path) != exactModel)
      let inspected = try CommandRun(["inspect", "m.safetensors"], in: folder)
      #expect(inspected.output.contains(" of 3, products in bfloat16\n"))
    }
  }

  /// A line is what linear regression finds.
  @Test func saysWhereTheNetworkLost() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let run = try CommandRun(
        ["train", "line.csv", "--predict", "y", "--task", "regression", "--epochs", "5"], in: folder)
      let sentence =
        "The network is not better than linear regression, by root mean squared error: that is what to use."
      #expect(run.output.contains("\n\n\(sentence)\n\nWrote "))
      let page = try String(contentsOf: folder.appending(path: "line.html"), encoding: .utf8)
      #expect(page.contains(sentence))
    }
  }

  @Test func beatsTheMajorityOnIris() throws {
    try TestFiles.withFolder { folder in
      let run = try CommandRun(["train", TestFiles.iris, "--predict", "species", "--json"], in: folder)
      let result = try #require(try run.objects().last)
      let test = try #require(result["test"] as? [String: Double])
      let baselines = try #require(result["baselines"] as? [String: [String: Double]])
      #expect(try #require(test["accuracy"]) >= 0.85)
      #expect(try #require(baselines["linear"]?["accuracy"]) >= 0.85)
      #expect(abs(try #require(baselines["trivial"]?["accuracy"]) - 1 / 3) < 0.05)
    }
  }

  @Test func writesJSONAndNothingElse() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let run = try CommandRun(
        ["train", "line.csv", "--predict", "y", "--task", "regression", "--epochs", "3", "--json"], in: folder)
      #expect(run.exitCode == 0)
      #expect(run.errors == "")
      let objects = try run.objects()
      #expect(objects.map { $0["event"] as? String } == ["plan", "epoch", "epoch", "epoch", "result"])
      #expect(objects[0]["rows"] as? Int == 40)
      #expect(objects[0]["task"] as? String == "regression")
      #expect(
        Set(objects[1].keys) == ["event", "epoch", "loss", "validationLoss", "learningRate", "seconds"])
      let result = objects[4]
      #expect(
        Set(result.keys) == [
          "event", "task", "target", "epochs", "bestEpoch", "interrupted", "testRows", "test", "baselines", "model",
          "report",
        ])
      #expect(result["model"] as? String == "line.safetensors")
      let names: Set = ["rSquared", "meanAbsoluteError", "rootMeanSquaredError"]
      #expect(Set((result["test"] as? [String: Double] ?? [:]).keys) == names)
      let linear = (result["baselines"] as? [String: [String: Double]])?["linear"] ?? [:]
      #expect(abs(try #require(linear["rSquared"]) - 1) < 1e-6, "y is linear in a")
    }
  }

  @Test func namesTheScoresOfTwoClasses() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let run = try CommandRun(["train", "line.csv", "--predict", "kind", "--epochs", "2", "--json"], in: folder)
      let test = try #require(try run.objects().last?["test"] as? [String: Double])
      #expect(Set(test.keys) == ["accuracy", "balancedAccuracy", "logLoss", "rocAUC"])
    }
  }

  @Test func saysOnceThatAColumnIsDropped() throws {
    try TestFiles.withFolder { folder in
      let rows = (0..<60).map { "name\($0),7,\($0 * 37 % 41),\(Double($0 * $0 % 53) + 0.5)\n" }.joined()
      try TestFiles.write("name,constant,x,y\n" + rows, "names.csv", in: folder)
      let run = try CommandRun(["train", "names.csv", "--predict", "y", "--epochs", "1"], in: folder)
      #expect(run.output.components(separatedBy: "looks like an identifier").count == 2)
      #expect(!run.output.contains("Checks") && run.output.contains("  constant  dropped (constant, always 7)"))
      let names = (0..<30).map { "c\($0)" }.joined(separator: ",")
      let wide = (0..<40).map { row in
        (0..<30).map { $0 == 25 ? "1" : "\(row * ($0 + 3) % 37)" }.joined(separator: ",")
      }
      try TestFiles.write(([names] + wide).joined(separator: "\n"), "wide.csv", in: folder)
      let many = try CommandRun(["train", "wide.csv", "--predict", "c3", "--epochs", "1"], in: folder)
      #expect(many.output.contains("\n  … and 9 more columns, of which are dropped: c25\n"))
    }
  }

  @Test func trainsOnRowsThatRepeatOften() throws {
    try TestFiles.withFolder { folder in
      let rows = (0..<1000).map { $0 % 2 == 0 ? "0,a\n" : "1,b\n" }.joined()
      try TestFiles.write("x,y\n" + rows, "letters.csv", in: folder)
      let run = try CommandRun(["train", "letters.csv", "--predict", "y", "--epochs", "1", "--json"], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      let plan = try #require(try run.objects().first)
      #expect(plan["trainingRows"] as? Int == 650 && plan["testRows"] as? Int == 200)
      #expect(
        plan["checks"] as? [String] == [
          "998 rows repeat an earlier row (first in line 4); with so many, equal rows fall into several parts of a split."
        ])
    }
  }

  @Test func checksWhatIsTrainedOn() throws {
    try TestFiles.withFolder { folder in
      let rows = (0..<60).map { "name\($0),7,\($0 * 37 % 41),\(Double($0 * $0 % 53) + 0.5)\n" }.joined()
      try TestFiles.write("name,constant,x,y\n" + rows, "names.csv", in: folder)
      let counts = (0..<60).map { "\($0 * 37 % 41),\($0 % 20 == 0 ? 2 : $0 % 2)\n" }.joined()
      try TestFiles.write("x,y\n" + counts, "counts.csv", in: folder)
      func checks(_ arguments: String...) throws -> [String]? {
        let run = try CommandRun(["train"] + arguments + ["--predict", "y", "--epochs", "1", "--json"], in: folder)
        return try run.objects().first?["checks"] as? [String]
      }
      // Rows 6 and 47 differ in the name alone.
      #expect(
        try checks("names.csv", "--ignore", "name", "--ignore", "constant") == [
          "1 row repeats an earlier row (first in line 49); a split keeps equal rows in one part."
        ])
      #expect(try checks("names.csv")?.count == 2)
      #expect(try checks("counts.csv", "--task", "regression") == [])
    }
  }

  @Test func writesOnlyTheResultAsQuietJSON() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let run = try CommandRun(
        ["train", "line.csv", "--predict", "y", "--epochs", "2", "--json", "--quiet"], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      #expect(try run.objects().map { $0["event"] as? String } == ["result"])
    }
  }

  @Test func isQuietOnRequest() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let run = try CommandRun(["train", "line.csv", "--predict", "y", "--epochs", "2", "--quiet"], in: folder)
      #expect(run.exitCode == 0)
      #expect(run.output == "")
      #expect(run.errors == "")
    }
  }

  @Test func sameSeedSameBytes() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      func model(_ name: String, seed: String) throws -> Data {
        let run = try CommandRun(
          ["train", "line.csv", "--predict", "y", "--epochs", "5", "--seed", seed, "--output", name, "--quiet"],
          in: folder)
        try #require(run.exitCode == 0)
        return try Data(contentsOf: folder.appending(path: name))
      }
      let first = try model("first.safetensors", seed: "7")
      #expect(try model("second.safetensors", seed: "7") == first)
      #expect(try model("third.safetensors", seed: "8") != first)
    }
  }

  @Test func readsStandardInputAndOtherDelimiters() throws {
    try TestFiles.withFolder { folder in
      let text = TestFiles.line.replacingOccurrences(of: ",", with: ";")
      let run = try CommandRun(
        ["train", "-", "--delimiter", ";", "--predict", "y", "--epochs", "2"], in: folder, input: text)
      #expect(run.exitCode == 0)
      #expect(run.output.hasPrefix("/dev/stdin: 40 rows × 3 columns, nothing missing\n"))
      #expect(
        run.output.hasSuffix(
          "Wrote stdin.safetensors and stdin.html.\nNext: descent predict stdin.safetensors NEW.csv\n"))
    }
  }

  @Test func replacesModelsButNothingElse() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      try TestFiles.write("my notes", "notes.txt", in: folder)
      let train = ["train", "line.csv", "--predict", "y", "--epochs", "1", "--quiet", "--output"]
      #expect(try CommandRun(train + ["model"], in: folder).exitCode == 0)
      #expect(try CommandRun(train + ["model"], in: folder).exitCode == 0, "a model may be replaced")
      let refused = try CommandRun(train + ["notes.txt"], in: folder)
      #expect(refused.exitCode == 64)
      #expect(
        refused.errors == "descent: notes.txt: this file exists and is not a model of descent; "
          + "give another --output, or --force.\n")
      #expect(try String(contentsOf: folder.appending(path: "notes.txt"), encoding: .utf8) == "my notes")
      #expect(try CommandRun(train + ["notes.txt", "--force"], in: folder).exitCode == 0)
      let overData = try CommandRun(train + ["line.csv", "--force"], in: folder)
      #expect(overData.exitCode == 64)
      #expect(overData.errors == "descent: line.csv: this file is read, so the output needs another name.\n")
      #expect(try String(contentsOf: folder.appending(path: "line.csv"), encoding: .utf8) == TestFiles.line)
    }
  }
}
