import Descent
import Foundation
import Testing

@Suite struct TextCommandTests {
  private static let verse = String(repeating: "the quick brown fox jumps over the lazy dog\n", count: 60)
  private static let training = [
    "train", "verse.txt", "--layers", "1", "--heads", "2", "--width", "32", "--context", "32", "--batch-size", "8",
    "--steps", "80", "--learning-rate", "0.01",
  ]

  private func inFolder(_ body: (URL) throws -> Void) throws {
    try TestFiles.withFolder { folder in
      try Data(Self.verse.utf8).write(to: folder.appending(path: "verse.txt"))
      try body(folder)
    }
  }

  @Test func trainsWritesMeasuresAndInspects() throws {
    try inFolder { folder in
      let run = try CommandRun(Self.training + ["--report", "verse.html"], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines[0] == "verse.txt: 2640 characters, 28 different characters")
      #expect(lines[2] == "Split     the first 2376 characters to train, the last 264 to measure")
      #expect(lines[3].hasPrefix("Network   GPT of 1 layer, 2 heads, 32 wide, context 32, "))
      #expect(run.output.contains("\n  step     80   loss "))
      #expect(run.output.contains("\nnetwork "))
      #expect(run.output.contains("Wrote verse.safetensors and verse.html.\n"))
      // No beginning is suggested that the model cannot read, here for want of a capital letter.
      #expect(run.output.contains("\nNext: descent generate verse.safetensors --temperature 0.8\n"))
      let page = try String(contentsOf: folder.appending(path: "verse.html"), encoding: .utf8)
      #expect(page.contains("Layer 1, mean of its heads") && !page.contains("http://") && !page.contains("https://"))

      let prompt = ["generate", "verse.safetensors", "--prompt", "the quick ", "--tokens", "34"]
      let written = try CommandRun(prompt + ["--temperature", "0"], in: folder)
      #expect(written.output == "the quick brown fox jumps over the lazy dog\n" && written.exitCode == 0)
      let piped = try CommandRun(
        ["generate", "verse.safetensors", "--prompt", "-", "--tokens", "10", "--top-k", "1"], in: folder,
        input: "the quick br\n")
      #expect(piped.output == "the quick brown fox ju\n")
      let object = try CommandRun(prompt + ["--json", "--seed", "4", "--top-p", "0.9"], in: folder).objects()[0]
      #expect(object["tokens"] as? Int == 34 && (object["text"] as? String)?.count == 34)

      let scored = try CommandRun(["evaluate", "verse.safetensors", "verse.txt", "--json"], in: folder)
      let score = try scored.objects()[0]
      let warning = "verse.txt is the file the model was trained on: it has seen most of it, so the loss flatters it."
      #expect(scored.errors == warning + "\n")
      try Data("the lazy fox".utf8).write(to: folder.appending(path: "new.txt"))
      let other = try CommandRun(["evaluate", "verse.safetensors", "new.txt"], in: folder)
      #expect(other.errors == "" && other.output.hasPrefix("new.txt: 12 characters, "))
      #expect((score["nats"] as? Double ?? 9) < 1 && score["characters"] as? Int == 2640)
      let inspected = try CommandRun(["inspect", "verse.safetensors"], in: folder)
      #expect(inspected.output.hasPrefix("verse.safetensors: a language model, "))
      #expect(inspected.output.contains("Trained   on verse.txt, 2640 characters, 80 steps, by Descent "))
    }
  }

  /// Whoever waits for no end sees it written, and ends it.
  @Test func writesAsItDraws() throws {
    try inFolder { folder in
      try #require(CommandRun(Self.training + ["--quiet", "--no-report"], in: folder).exitCode == 0)
      let run = try CommandRun(
        ["generate", "verse.safetensors", "--prompt", "the", "--tokens", "1000000000", "--seed", "3"], in: folder,
        interruptedAfter: "\n")
      #expect(run.exitCode == 130 && run.output.hasPrefix("the") && run.output.hasSuffix("\n") && run.errors == "")
    }
  }

  @Test func takesPromptsOfAnyLengthFromStandardInput() throws {
    try inFolder { folder in
      try #require(CommandRun(Self.training + ["--quiet", "--no-report"], in: folder).exitCode == 0)
      func text(after prompt: String, _ options: [String] = []) throws -> String {
        let arguments = ["generate", "verse.safetensors", "--prompt", "-", "--tokens", "12", "--json"]
        let run = try CommandRun(arguments + options, in: folder, input: prompt)
        #expect(run.exitCode == 0 && run.errors == "")
        return try #require(try run.objects().first?["text"] as? String)
      }
      let greedy = ["--temperature", "0"]
      // A context has 32 characters of the 87,000, without the end of the last line; no prompt is as the end of a line.
      let long = String(repeating: Self.verse, count: 33) + "the quick br"
      #expect(try text(after: long + "\n", greedy) == text(after: String(long.suffix(32)), greedy))
      #expect(try text(after: "", greedy) == text(after: "\n\n", greedy))
      // The same seed draws the same text, among those that are allowed.
      let options = ["--temperature", "3", "--top-k", "20", "--top-p", "0.99", "--seed"]
      #expect(try text(after: "the ", options + ["1"]) == text(after: "the ", options + ["1"]))
      #expect(try text(after: "the ", options + ["1"]) != text(after: "the ", options + ["2"]))
      try Data([0x74, 0x0A, 0xFF, 0x62]).write(to: folder.appending(path: "bytes"))
      let torn = try CommandRun(
        ["generate", "verse.safetensors", "--prompt", "-"], in: folder, inputFile: folder.appending(path: "bytes"))
      #expect(torn.errors == "descent: /dev/stdin, line 2: expected text in UTF-8, found the byte 0xFF.\n")
      #expect(torn.exitCode == 65 && torn.output == "")
    }
  }

  @Test func stepsInPartsThatAreComputedAgainAreSaid() throws {
    try inFolder { folder in
      let whole = Self.training.map { $0 == "80" ? "8" : $0 } + ["--no-report"]
      for (count, said) in [("3", "in 3 parts"), ("99", "in 8 parts")] {
        let run = try CommandRun(whole + ["--accumulate", count, "--recompute"], in: folder)
        #expect(run.exitCode == 0 && run.errors == "")
        #expect(run.output.contains(" times through the text, \(said), blocks computed again for the gradient\n"))
      }
    }
  }

  @Test func tellsMachinesOneObjectALine() throws {
    try inFolder { folder in
      let objects = try CommandRun(Self.training + ["--json", "--no-report"], in: folder).objects()
      #expect(objects.first?["event"] as? String == "plan" && objects.last?["event"] as? String == "result")
      #expect(objects.contains { $0["event"] as? String == "step" && $0["validationLoss"] is Double })
      #expect(objects.contains { $0["event"] as? String == "sample" })
      #expect((objects.last?["baselines"] as? [Any])?.count == 6)
      let quiet = try CommandRun(Self.training + ["--quiet", "--no-report"], in: folder)
      #expect(quiet.output == "" && quiet.errors == "" && quiet.exitCode == 0)
    }
  }

  @Test func suggestsABeginningTheModelCanRead() throws {
    try inFolder { folder in
      try Data((Self.verse + "Once upon a time there was a fox\n" + Self.verse).utf8)
        .write(to: folder.appending(path: "verse.txt"))
      let run = try CommandRun(Self.training.map { $0 == "80" ? "5" : $0 } + ["--no-report"], in: folder)
      let next = "\nNext: descent generate verse.safetensors --prompt \"Once upon a time\" --temperature 0.8\n"
      #expect(run.output.contains(next) && run.exitCode == 0)
      #expect(run.output.contains("\nThe network is not better than counting with "))
      #expect(run.output.contains("AdamW, learning rate 0.01 along a cosine, 5 steps of "))
    }
  }

  @Test func countsTheStepsThatWereMadeBeforeAnInterrupt() throws {
    try inFolder { folder in
      let run = try CommandRun(
        Self.training.map { $0 == "80" ? "1000000" : $0 } + ["--json"], in: folder,
        interruptedAfter: "\"event\":\"step\"")
      let objects = try run.objects()
      let result = try #require(objects.last), steps = try #require(result["steps"] as? Int)
      #expect(run.exitCode == 130 && result["interrupted"] as? Bool == true)
      let page = try String(contentsOf: folder.appending(path: "verse.html"), encoding: .utf8)
      #expect(page.contains("Training was interrupted after \(steps) steps.") && !page.contains("gives the same model"))
      #expect(steps >= 250 && steps < 1_000_000)
      // What the last steps came to was measured too.
      #expect(objects.last { $0["event"] as? String == "step" }?["step"] as? Int == steps)
      let model = try #require(try CommandRun(["inspect", "verse.safetensors", "--json"], in: folder).objects().first)
      #expect((model["provenance"] as? [String: Any])?["steps"] as? Int == steps)
    }
  }

  /// Weights that are no numbers are an error, not a line that JSON cannot express.
  @Test func brokenWeightsAreAnErrorOfOneSentence() throws {
    try inFolder { folder in
      try #require(CommandRun(Self.training + ["--quiet", "--no-report"], in: folder).exitCode == 0)
      let path = folder.appending(path: "verse.safetensors").path
      let file = try SafeTensors(contentsOf: path)
      let broken = ModuleValues(file.tensors.map { ($0.path, Tensor.full($0.value.shape, Float.nan)) })
      try SafeTensors(tensors: broken, metadata: file.metadata).write(to: path)
      for arguments in [["evaluate", "verse.safetensors", "verse.txt", "--json"], ["generate", "verse.safetensors"]] {
        let run = try CommandRun(arguments, in: folder)
        #expect(run.exitCode == 65 && run.errors.hasSuffix("its weights are broken.\n"), "\(run.errors)")
      }
    }
  }

  @Test func wishesForThreadsAreCheckedBeforeAnythingIsDone() throws {
    try inFolder { folder in
      for (wish, isRefused) in [("0", true), ("-2", true), ("many", true), ("2.5", true), ("1", false), ("", false)] {
        let run = try CommandRun(["inspect", "verse.txt"], in: folder, environment: ["DESCENT_THREADS": wish])
        let refusal = "descent: DESCENT_THREADS: expected a whole number above 0, found \"\(wish)\".\n"
        #expect(run.exitCode == (isRefused ? 64 : 65) && (run.errors == refusal) == isRefused, "\(run.errors)")
      }
      let profiled = try CommandRun(
        Self.training.map { $0 == "80" ? "2" : $0 } + ["--quiet", "--no-report"], in: folder,
        environment: ["DESCENT_PROFILE": "0"])
      #expect(profiled.errors == "" && profiled.exitCode == 0)
    }
  }

  @Test func fitsTrainingToATime() throws {
    try inFolder { folder in
      let run = try CommandRun(
        ["train", "verse.txt", "--layers", "1", "--time=1s", "--width", "32", "--json"], in: folder)
      #expect(run.exitCode == 0)
      let steps = try #require(run.objects().first?["steps"] as? Int)
      #expect(steps >= 20)
      // The page has the command with the steps instead of the time, and each option once.
      let page = try String(contentsOf: folder.appending(path: "verse.html"), encoding: .utf8)
      #expect(page.contains("descent train verse.txt --json --steps \(steps) --layers 1 --heads "))
      #expect(!page.contains("--time") && page.components(separatedBy: "--width").count == 2)
    }
  }

  /// The page shows no more tokens than the model can see.
  @Test func aPageOfAShortContextIsWritten() throws {
    try inFolder { folder in
      let run = try CommandRun(
        ["train", "verse.txt", "--layers", "1", "--heads", "1", "--width", "8", "--context", "5", "--steps", "3"],
        in: folder)
      #expect(run.exitCode == 0 && run.output.contains("Wrote verse.safetensors and verse.html."))
      let page = try String(contentsOf: folder.appending(path: "verse.html"), encoding: .utf8)
      #expect(page.contains("Layer 1, mean of its heads"))
    }
  }

  @Test func batchesThatFitNowhereAreRefused() throws {
    try inFolder { folder in
      let run = try CommandRun(
        ["train", "verse.txt", "--layers", "12", "--heads", "4", "--width", "256", "--context", "64", "--steps", "1"]
          + ["--batch-size", "1000000"], in: folder)
      #expect(run.errors.hasPrefix("descent: --batch-size 1000000 --context 64: expected a batch that fits into the "))
      #expect(run.exitCode == 64 && run.output.isEmpty)
    }
  }

  @Test func answersWrongInputInOneSentence() throws {
    try inFolder { folder in
      try Data([2, 0, 0, 0, 0, 0, 0, 0] + "{}".utf8).write(to: folder.appending(path: "other.safetensors"))
      try Data("short".utf8).write(to: folder.appending(path: "short.txt"))
      try FileManager.default.createDirectory(at: folder.appending(path: "in"), withIntermediateDirectories: true)
      try Data().write(to: folder.appending(path: "in/empty.txt"))
      try FileManager.default.createDirectory(
        at: folder.appending(path: "dir.txt"), withIntermediateDirectories: true)
      try Data([0x61, 0x0A, 0xFF, 0x62]).write(to: folder.appending(path: "bytes.txt"))
      try #require(CommandRun(Self.training + ["--quiet", "--no-report"], in: folder).exitCode == 0)
      let rows: [([String], String, Int32)] = [
        (["train", "absent.txt"], "absent.txt: no such file.", 65),
        (["train", "dir.txt"], "dir.txt: expected a text file, found a folder.", 65),
        (["evaluate", "verse.safetensors", "dir.txt"], "dir.txt: expected a text file, found a folder.", 65),
        (["train", "bytes.txt"], "bytes.txt, line 2: expected text in UTF-8, found the byte 0xFF.", 65),
        (
          ["train", "short.txt"],
          "short.txt: expected a text of which the last 10 % have more than 16 tokens, found 1 of 5 characters in all.",
          65
        ),
        (
          ["train", "./in/empty.txt"],
          "./in/empty.txt: expected a text of which the last 10 % have more than 16 tokens, found 0 of 0 characters in "
            + "all.", 65
        ),
        (
          ["evaluate", "verse.safetensors", "verse.txt", "--delimiter", ";"],
          "--delimiter: verse.txt is a text, for which there is no such option.", 64
        ),
        (
          ["train", "verse.txt", "--predict", "x"],
          "--predict: verse.txt is a text, for which there is no such option.", 64
        ),
        (
          ["train", "verse.txt", "--width", "30", "--heads", "4", "--steps", "2"],
          "--heads 4 --width 30: expected heads that divide the width 30 and are a multiple of the 4 of keys and values, "
            + "found 4.", 64
        ),
        (
          ["train", "verse.txt", "--width=32", "--heads=5", "--steps", "2"],
          "--heads=5 --width=32: expected heads that divide the width 32 and are a multiple of the 5 of keys and values, "
            + "found 5.", 64
        ),
        (
          ["train", "verse.txt", "--time", "soon"],
          "--time: expected a time such as 90, 90s, 10m or 1h, found \"soon\".", 64
        ),
        (["train", "verse.txt", "--steps", "9", "--time", "9s"], "--steps and --time exclude each other.", 64),
        (
          ["train", "verse.txt", "--tokens", "words"],
          "--tokens: expected characters, or byte-pairs:N with N from 257 to 131072, found \"words\".", 64
        ),
        (
          ["generate", "verse.safetensors", "--prompt", "Ж"],
          "the prompt: line 1, column 1: the character \"Ж\" (U+0416) is not among the 28 of the vocabulary.", 65
        ),
        (
          ["generate", "verse.safetensors", "--temperature", "-1"],
          "--temperature: expected a number from 0 to 100, found \"-1\".", 64
        ),
        (
          ["generate", "verse.safetensors", "--top-p", "0"],
          "--top-p: expected a share above 0, at most 1, found \"0\".", 64
        ),
        (
          ["generate", "other.safetensors"],
          "other.safetensors: expected a model that descent trained, found other tensors.", 65
        ),
        (
          ["predict", "verse.safetensors", "verse.txt"],
          "verse.safetensors is a language model; let it write with descent generate.", 64
        ),
      ]
      for (arguments, sentence, code) in rows {
        let run = try CommandRun(arguments, in: folder)
        #expect(run.errors == "descent: \(sentence)\n" && run.exitCode == code && run.output == "", "\(arguments)")
      }
    }
  }
}
