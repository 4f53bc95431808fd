import Foundation
import Testing

@Suite struct SeriesCommandTests {
  private static func csv(_ count: Int) -> String {
    "month,y,note\n"
      + (0..<count).map { index in
        let month = index % 12 + 1
        let value = 50 + 0.3 * Double(index) + 8 * sin(Double(index) * .pi / 6)
        return "\(2000 + index / 12)-\(month < 10 ? "0" : "")\(month),\(value),\(index % 3)\n"
      }.joined()
  }

  /// Trains once and runs `body` in the folder with `sales.csv` and `sales.safetensors`.
  private func withModel(_ options: [String] = [], _ body: (URL, CommandRun) throws -> Void) throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(Self.csv(120), "sales.csv", in: folder)
      let run = try CommandRun(
        ["train", "sales.csv", "--series", "y", "--horizon", "3", "--epochs", "30"] + options, in: folder)
      try #require(run.exitCode == 0, "\(run.errors)")
      try body(folder, run)
    }
  }

  @Test func saysWhatItUnderstoodAndHowGoodItIs() throws {
    try withModel { folder, run in
      #expect(run.errors == "")
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines[0] == "sales.csv, column \"y\": 120 values, 2000-01 to 2009-12 by steps of 1 month")
      #expect(lines[2].hasPrefix("Season    12 values, found by the autocorrelation of 0."))
      #expect(
        lines[3]
          == "Window    the last 24 values, as changes from the last one, since there is a trend, in units of their "
          + "deviation")
      #expect(lines[4] == "Split     the first 78 values to train, the next 18 to validate, the last 24 to test")
      #expect(
        lines[5]
          == "Network   24 → 32 → 3, SiLU, beside a linear layer, 974 parameters; it forecasts 3 values at once")
      #expect(
        lines[6]
          == "Training  52 windows, AdamW, learning rate 0.003, batches of 32, at most 30 epochs, patience 50, seed 0")
      #expect(run.output.contains("\n22 forecasts of 3 values among the last 24, which nothing was fitted to\n"))
      for name in ["network", "linear", "last value", "season ago", "drift"] {
        #expect(run.output.contains("\n\(name) "))
      }
      #expect(run.output.contains("\nThe network is not better than linear: that is what to use.\n"))
      #expect(run.output.contains("\nNext      2010-01 "))
      #expect(
        run.output.hasSuffix(
          "Wrote sales.safetensors and sales.html.\nNext: descent predict sales.safetensors NEW.csv\n"))
      let page = try String(contentsOf: folder.appending(path: "sales.html"), encoding: .utf8)
      #expect(page.contains("<h1>y</h1>") && page.contains("One step ahead") && page.contains("2010-03"))
    }
  }

  @Test func forecastsGoOnWithTheDates() throws {
    try withModel { folder, _ in
      let run = try CommandRun(["predict", "sales.safetensors", "sales.csv"], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      let lines = run.output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
      #expect(lines.map { $0[0] } == ["month", "2010-01", "2010-02", "2010-03"])
      #expect(lines[0][1] == "y" && lines[1...].allSatisfy { (70...105).contains(Double($0[1]) ?? 0) })
      try TestFiles.write(Self.csv(126), "more.csv", in: folder)
      let later = try CommandRun(["predict", "sales.safetensors", "more.csv", "--json"], in: folder)
      #expect(try later.objects().map { $0["label"] as? String } == ["2010-07", "2010-08", "2010-09"])
    }
  }

  @Test func scoresAndInspects() throws {
    try withModel { folder, _ in
      try TestFiles.write(Self.csv(126), "more.csv", in: folder)
      let run = try CommandRun(["evaluate", "sales.safetensors", "more.csv"], in: folder)
      #expect(run.exitCode == 0 && run.errors == "")
      #expect(run.output.hasPrefix("100 forecasts of 3 values of \"y\"\n") && run.output.contains("\nseason ago "))
      let same = try CommandRun(["evaluate", "sales.safetensors", "sales.csv"], in: folder)
      #expect(same.errors.contains("is the file the model was trained on"))
      let inspected = try CommandRun(["inspect", "sales.safetensors"], in: folder)
      #expect(inspected.output.hasPrefix("sales.safetensors: forecasts 3 values of \"y\" from the last 24 values, as"))
      let object = try #require(
        try CommandRun(["inspect", "sales.safetensors", "--json"], in: folder).objects().first)
      let provenance = try #require(object["provenance"] as? [String: Any])
      #expect(provenance["column"] as? String == "y" && provenance["dateColumn"] as? String == "month")
    }
  }

  @Test func sameSeedSameBytes() throws {
    try withModel(["--json", "--quiet"]) { folder, run in
      let result = try #require(try run.objects().first)
      #expect(result["event"] as? String == "result" && (result["forecast"] as? [Any])?.count == 3)
      let first = try Data(contentsOf: folder.appending(path: "sales.safetensors"))
      for (seed, isSame) in [("0", true), ("1", false)] {
        let again = try CommandRun(
          [
            "train", "sales.csv", "--series", "y", "--horizon", "3", "--epochs", "30", "--seed", seed, "--output",
            "again.safetensors", "--quiet",
          ], in: folder)
        #expect(again.exitCode == 0 && again.output == "")
        let bytes = try Data(contentsOf: folder.appending(path: "again.safetensors"))
        #expect((bytes == first) == isSame)
      }
    }
  }

  @Test func wrongUseAndWrongData() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(Self.csv(120), "sales.csv", in: folder)
      try TestFiles.write("day,y\n2024-01-02,1\n2024-01-01,2\n", "unsorted.csv", in: folder)
      let rows: [(arguments: [String], code: Int32, sentence: String)] = [
        (["sales.csv", "--series", "y"], 64, "expected how many values ahead to forecast, as in --horizon 12."),
        (
          ["sales.csv", "--series", "y", "--horizon", "0"], 64,
          "--horizon: expected a whole number from 1 to 1000000, found \"0\"."
        ),
        (
          ["sales.csv", "--series", "y", "--horizon", "5", "--test-count", "4"], 64,
          "--test-count 4 --horizon 5: expected at least as many values to test on as the horizon of 5, found 4."
        ),
        (
          ["sales.csv", "--predict", "y", "--season", "12"], 64,
          "--season: sales.csv is a table, for which there is no such option."
        ),
        (
          ["sales.csv", "--series", "y", "--horizon", "1", "--task", "regression"], 64,
          "--task: with --series there is no such option."
        ),
        (
          ["sales.csv", "--series", "x", "--horizon", "1"], 65,
          "sales.csv: there is no column \"x\", expected one of: month, y, note."
        ),
        (
          ["sales.csv", "--series", "month", "--horizon", "1"], 65,
          "sales.csv, line 2, column \"month\": expected a number, found \"2000-01\"."
        ),
        (
          ["unsorted.csv", "--series", "y", "--horizon", "1"], 65,
          "unsorted.csv, line 3, column \"day\": the date 2024-01-01 stands after 2024-01-02; sort the rows by date."
        ),
      ]
      for row in rows {
        let run = try CommandRun(["train"] + row.arguments, in: folder)
        #expect(run.exitCode == row.code && run.errors == "descent: \(row.sentence)\n", "\(row.arguments)")
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "sales.safetensors").path))
    }
  }
}
