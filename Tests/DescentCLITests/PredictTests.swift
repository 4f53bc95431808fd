import Foundation
import Testing

@Suite struct PredictTests {
  /// Trains on the small table, once for each task, and runs `body` with the folder.
  private func withModels(_ body: (URL) throws -> Void) throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      for (target, name) in [("y", "number"), ("kind", "class")] {
        let run = try CommandRun(
          [
            "train", "line.csv", "--predict", target, "--task", target == "y" ? "regression" : "classification",
            "--epochs", "60", "--output", "\(name).safetensors", "--quiet",
          ], in: folder)
        try #require(run.exitCode == 0, "\(run.errors)")
      }
      try body(folder)
    }
  }

  @Test func predictsNumbersForEveryRow() throws {
    try withModels { folder in
      let run = try CommandRun(["predict", "number.safetensors", "line.csv"], in: folder)
      #expect(run.exitCode == 0)
      #expect(run.errors == "")
      let lines = run.output.split(separator: "\n")
      #expect(lines[0] == "a,kind,y,predicted_y")
      #expect(lines.count == 41)
      for line in lines.dropFirst() {
        let cells = line.split(separator: ",")
        #expect(abs(try #require(Double(cells[3])) - (try #require(Double(cells[2])))) < 6)
      }
    }
  }

  @Test func doesNotDependOnTheTargetTheOrderOrFurtherColumns() throws {
    try withModels { folder in
      let whole = try CommandRun(["predict", "number.safetensors", "line.csv"], in: folder)
      func predicted(_ text: String) -> [Substring] {
        text.split(separator: "\n").dropFirst().compactMap { $0.split(separator: ",").last }
      }
      let rows = TestFiles.line.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
      let text = "note,kind,a\n" + rows.map { "x,\($0[1]),\($0[0])\n" }.joined()
      let run = try CommandRun(["predict", "number.safetensors", "-"], in: folder, input: text)
      #expect(run.exitCode == 0)
      #expect(predicted(run.output) == predicted(whole.output))
      #expect(
        run.errors == "/dev/stdin: the column to predict, \"y\", is absent; 1 extra column ignored (note); "
          + "the columns come in another order.\n")
    }
  }

  @Test func saysWhatItDidNotKnow() throws {
    try withModels { folder in
      let text = "a,kind\n3,low\n4,purple\n,high\n"
      let run = try CommandRun(["predict", "number.safetensors", "-"], in: folder, input: text)
      #expect(run.exitCode == 0)
      #expect(run.output.split(separator: "\n").count == 4)
      let sentences = run.errors.split(separator: "\n")
      #expect(sentences.count == 3)
      #expect(sentences[0] == "/dev/stdin: the column to predict, \"y\", is absent.")
      #expect(sentences[1].hasPrefix("a: 1 missing value replaced by the training median "))
      #expect(
        sentences[2] == "kind: 1 value of no category known from training (purple), encoded as none of the categories.")
    }
  }

  @Test func writesTheRowsAsTheyCame() throws {
    try withModels { folder in
      let rows = ["12345678901234567890,1.50,low", "007,NA,", "\"1,234\",2,\"a \"\"b\"\"\""]
      let text = (["id,a,kind"] + rows).joined(separator: "\n") + "\n"
      let run = try CommandRun(["predict", "number.safetensors", "-"], in: folder, input: text)
      #expect(run.exitCode == 0)
      for (line, row) in zip(run.output.split(separator: "\n").dropFirst(), rows) { #expect(line.hasPrefix(row + ",")) }
      let commas = try CommandRun(
        ["predict", "number.safetensors", "-"], in: folder, input: "a;kind\n1,5;low\n2,5;high\n")
      #expect(commas.output.contains("\n1.5,low,"))
    }
  }

  @Test func saysWhichColumnsItReplaces() throws {
    try withModels { folder in
      let run = try CommandRun(
        ["predict", "number.safetensors", "-"], in: folder, input: "a,kind,y,predicted_y\n3,low,6,x\n")
      #expect(
        run.errors == "/dev/stdin: 1 extra column ignored (predicted_y).\n"
          + "/dev/stdin: 1 column replaced in the output (predicted_y).\n")
      #expect(!run.output.contains(",x"))
    }
  }

  @Test func spellsOutControlCharactersInNames() throws {
    try TestFiles.withFolder { folder in
      let text = TestFiles.line.replacingOccurrences(of: "a,kind,y\n", with: "\"a\nb\",k\u{1B}[31m,y\u{7}\n")
      try TestFiles.write(text, "odd.csv", in: folder)
      let run = try CommandRun(["train", "odd.csv", "--predict", "y\u{7}", "--epochs", "1"], in: folder)
      #expect(run.exitCode == 0)
      #expect(run.output.contains("\n  a b  "))
      let shown =
        try run.output + CommandRun(["inspect", "odd.safetensors"], in: folder).output
        + CommandRun(["evaluate", "odd.safetensors", "odd.csv"], in: folder).output
      #expect(!shown.contains("\u{1B}") && !shown.contains("\u{7}") && shown.contains("\"y\\u{07}\""))
    }
  }

  @Test func givesProbabilitiesOfClasses() throws {
    try withModels { folder in
      let run = try CommandRun(["predict", "class.safetensors", "line.csv", "--output", "out.csv"], in: folder)
      #expect(run.exitCode == 0)
      #expect(run.output == "")
      let text = try String(contentsOf: folder.appending(path: "out.csv"), encoding: .utf8)
      let lines = text.split(separator: "\n")
      #expect(lines[0] == "a,kind,y,predicted_kind,probability_high,probability_low")
      for line in lines.dropFirst() {
        let cells = line.split(separator: ",")
        let (high, low) = (try #require(Double(cells[4])), try #require(Double(cells[5])))
        #expect(abs(high + low - 1) < 1e-6)
        #expect(cells[3] == (high > low ? "high" : "low"))
      }
    }
  }

  @Test func evaluatesWhatItPredicts() throws {
    try withModels { folder in
      let predicted = try CommandRun(["predict", "number.safetensors", "line.csv"], in: folder)
      let pairs = try predicted.output.split(separator: "\n").dropFirst().map { line in
        let cells = line.split(separator: ",")
        return (try #require(Double(cells[2])), try #require(Double(cells[3])))
      }
      let mean = pairs.reduce(0) { $0 + abs($1.0 - $1.1) } / Double(pairs.count)
      let run = try CommandRun(["evaluate", "number.safetensors", "line.csv", "--json"], in: folder)
      let object = try #require(try run.objects().first)
      #expect(object["event"] as? String == "evaluation")
      #expect(object["rows"] as? Int == 40)
      let scores = try #require(object["scores"] as? [String: Double])
      #expect(abs(try #require(scores["meanAbsoluteError"]) - mean) < 1e-5)
      let text = try CommandRun(["evaluate", "number.safetensors", "line.csv"], in: folder)
      #expect(text.output.hasPrefix("Predictions of \"y\" for 40 rows\n"))
      #expect(text.output.contains("R²  mean absolute error  root mean squared error"))
    }
  }

  @Test func writesPredictionsAsJSON() throws {
    try withModels { folder in
      let numbers = try CommandRun(["predict", "number.safetensors", "line.csv", "--json"], in: folder).objects()
      #expect(numbers.count == 40 && numbers.allSatisfy { $0["event"] as? String == "prediction" })
      #expect(numbers.map { $0["row"] as? Int } == Array(1...40))
      #expect(numbers.allSatisfy { $0["number"] is Double && $0["label"] == nil })
      for object in try CommandRun(["predict", "class.safetensors", "line.csv", "--json"], in: folder).objects() {
        let shares = try #require(object["probabilities"] as? [String: Double])
        #expect(abs(shares.values.reduce(0, +) - 1) < 1e-9)
        #expect(shares.max { $0.value < $1.value }?.key == object["label"] as? String)
      }
    }
  }

  @Test func warnsOfScoresOnTheTrainingFile() throws {
    try withModels { folder in
      let same = try CommandRun(["evaluate", "number.safetensors", "line.csv"], in: folder)
      #expect(same.exitCode == 0 && same.errors.split(separator: "\n").count == 1)
      #expect(same.errors.hasPrefix("line.csv is the file the model was trained on: "))
      try TestFiles.write(TestFiles.line + "3,low,6\n", "other.csv", in: folder)
      #expect(try CommandRun(["evaluate", "number.safetensors", "other.csv"], in: folder).errors == "")
    }
  }

  @Test func inspectsAModel() throws {
    try withModels { folder in
      let run = try CommandRun(["inspect", "class.safetensors"], in: folder)
      #expect(run.exitCode == 0)
      #expect(
        run.output.hasPrefix("class.safetensors: predicts \"kind\" (classification) from 2 numbers made of 2 columns\n")
      )
      #expect(run.output.contains("Data      line.csv, 40 rows × 3 columns, SHA-256 "))
      #expect(run.output.contains("[batch, 64]") && !run.output.contains("---"))
      let json = try CommandRun(["inspect", "class.safetensors", "--json"], in: folder)
      let object = try #require(try json.objects().first)
      #expect(object["classes"] as? [String] == ["high", "low"])
      #expect(object["features"] as? [String] == ["a", "y"])
      let source = (object["provenance"] as? [String: Any])?["source"] as? [String: String]
      #expect(source?["name"] == "line.csv")
      #expect(source?["sha256"]?.count == 64)
    }
  }

  @Test func stopsWhenInterruptedAndKeepsTheBest() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      // So small a learning rate improves the loss a little at every epoch for ever.
      let run = try CommandRun(
        ["train", "line.csv", "--predict", "y", "--epochs", "100000000", "--learning-rate", "1e-7"], in: folder,
        interruptedAfter: "epoch     1 ")
      #expect(run.exitCode == 130)
      #expect(run.output.contains("\nInterrupted in epoch "))
      #expect(run.errors == CommandRun.interruption)
      #expect(
        run.output.hasSuffix("Wrote line.safetensors and line.html.\nNext: descent predict line.safetensors NEW.csv\n"))
      #expect(try CommandRun(["inspect", "line.safetensors"], in: folder).exitCode == 0)
    }
  }

  @Test func writesTheModelAlsoWhereNobodyReadsAnyMore() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let (exitCode, errors) = try CommandRun.interruptedWithItsReader(
        ["train", "line.csv", "--predict", "y", "--epochs", "100000000", "--learning-rate", "1e-7"], in: folder,
        after: "epoch     1 ")
      #expect(exitCode == 130 && errors == CommandRun.interruption)
      #expect(try CommandRun(["inspect", "line.safetensors"], in: folder).exitCode == 0)
    }
  }
}
