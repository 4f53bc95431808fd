import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ReportTests {
  @Test func showsAClassification() throws {
    try TestFiles.withFolder { folder in
      let train = ["train", TestFiles.iris, "--predict", "species", "--epochs", "30", "--quiet"]
      #expect(try CommandRun(train, in: folder).exitCode == 0)
      let page = try String(contentsOf: folder.appending(path: "iris.html"), encoding: .utf8)
      #expect(XMLParser(data: Data(page.utf8)).parse())
      for part in [
        "Learning", "best epoch", "Confusion", "virginica", "Calibration", "Importance of columns", "petal_width",
        "logistic regression", "majority class", "SHA-256 of iris.csv: ", "--predict species --epochs 30",
      ] { #expect(page.contains(part), "\(part)") }
      #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
      #expect(try CommandRun(train, in: folder).exitCode == 0, "a report may be replaced")
      #expect(try String(contentsOf: folder.appending(path: "iris.html"), encoding: .utf8) == page)
    }
  }

  @Test func showsARegression() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(
        TestFiles.line.replacingOccurrences(of: "kind", with: "<kind> & \"more\""), "a b.csv", in: folder)
      let run = try CommandRun(
        ["train", "a b.csv", "--predict", "y", "--task", "regression", "--epochs", "5", "--report", "page.html"],
        in: folder)
      #expect(run.exitCode == 0)
      #expect(run.output.contains("\nWrote a b.safetensors and page.html.\n"))
      let page = try String(contentsOf: folder.appending(path: "page.html"), encoding: .utf8)
      #expect(XMLParser(data: Data(page.utf8)).parse())
      for part in [
        "Predicted against actual", "Errors", "linear regression", "&lt;kind&gt; &amp; &quot;more&quot;",
        "descent train &#39;a b.csv&#39; --predict y",
      ] { #expect(page.contains(part), "\(part)") }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "a b.html").path))
    }
  }

  @Test func isLeftOutOnRequest() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let train = ["train", "line.csv", "--predict", "y", "--epochs", "1"]
      let run = try CommandRun(train + ["--no-report"], in: folder)
      #expect(run.exitCode == 0 && run.output.contains("\nWrote line.safetensors.\n"))
      #expect(try CommandRun(train + ["--output", "/dev/null"], in: folder).exitCode == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.hasSuffix(".html") })
    }
  }

  @Test func replacesReportsButNothingElse() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      try TestFiles.write("<p>my page</p>", "line.html", in: folder)
      let train = ["train", "line.csv", "--predict", "y", "--epochs", "1", "--quiet"]
      let refused = try CommandRun(train, in: folder)
      #expect(refused.exitCode == 64)
      #expect(
        refused.errors == "descent: line.html: this file exists and is not a report of descent; give another --report, "
          + "or --no-report, or --force.\n")
      #expect(try String(contentsOf: folder.appending(path: "line.html"), encoding: .utf8) == "<p>my page</p>")
      #expect(try CommandRun(train + ["--no-report"], in: folder).exitCode == 0)
      #expect(try CommandRun(train + ["--force"], in: folder).exitCode == 0)
      let both = try CommandRun(train + ["--no-report", "--report", "a.html"], in: folder)
      #expect(both.exitCode == 64)
      #expect(both.errors == "descent: --report and --no-report exclude each other.\n")
      let same = try CommandRun(train + ["--report", "m", "--output", "m"], in: folder)
      #expect(same.errors == "descent: m: the model and the report need a file each.\n")
      let place = try CommandRun(train + ["--report", "./m", "--output", "m"], in: folder)
      #expect(place.errors == "descent: ./m: the model and the report need a file each.\n")
      try TestFiles.write("my notes", "notes.txt", in: folder)
      let notes = try CommandRun(train + ["--report", "notes.txt"], in: folder)
      #expect(
        notes.errors == "descent: notes.txt: this file exists and is not a report of descent; give another --report, "
          + "or --no-report, or --force.\n")
      #expect(try String(contentsOf: folder.appending(path: "notes.txt"), encoding: .utf8) == "my notes")
    }
  }
}
