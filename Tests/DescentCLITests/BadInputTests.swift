import Foundation
import Testing

/// Whatever is wrong is said in one sentence on standard error, with the exit code of its class.
@Suite struct BadInputTests {
  private func check(
    _ arguments: [String], files: [String: String] = [:], says sentence: String, exitCode: Int32,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      for (name, text) in files { try TestFiles.write(text, name, in: folder) }
      let before = try Set(FileManager.default.contentsOfDirectory(atPath: folder.path))
      let run = try CommandRun(arguments, in: folder)
      #expect(run.errors == "descent: \(sentence)\n", sourceLocation: sourceLocation)
      #expect(run.exitCode == exitCode, sourceLocation: sourceLocation)
      #expect(run.output == "", sourceLocation: sourceLocation)
      let after = try Set(FileManager.default.contentsOfDirectory(atPath: folder.path))
      #expect(after == before, "a failed command writes nothing", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [
    ("absent.csv", "absent.csv: no such file."),
    ("empty.csv", "empty.csv: the file is empty, expected a header line and rows."),
    ("header.csv", "header.csv: expected rows below the header of 2 columns, found none."),
    (
      "dropped.csv",
      "dropped.csv: expected a column to predict \"y\" from, found none that can be used; day: dropped (looks like an "
        + "identifier, 13 different values in 13 rows), a: dropped (constant, always 7)."
    ),
    ("ragged.csv", "ragged.csv, line 3: expected 2 fields as in the header, found 3."),
    ("single.csv", "single.csv: expected a column to predict \"y\" from, found none that can be used."),
    (
      "constant.csv",
      "constant.csv: expected at least two different values to predict in column \"y\", found only \"7\"."
    ),
    ("gaps.csv", "gaps.csv: expected values to predict in column \"y\", found none."),
    (
      "small.csv",
      "small.csv: expected at least 10 rows with a value in \"y\" to train, validate and test on, found 3."
    ),
    (
      "infinite.csv",
      "infinite.csv, line 3, column \"a\": expected a finite number, as the column holds numbers, found \"1e400\"; leave "
        + "the cell empty if there is none."
    ),
    (
      "book.csv",
      "book.csv: expected text in UTF-8, found a zip archive, which a workbook is too; save the sheet as \"CSV UTF-8\"."
    ),
    (
      "names.csv",
      "names.csv: expected enough rows of every class in column \"y\" to train, validate and test on, found 30 classes, "
        + "of which only 19 are among the training rows."
    ),
    ("steering.csv", "steering.csv: there is no column \"y\", expected one of: \\u{1B}[31m, b\\nc."),
    ("typo.csv", "typo.csv: there is no column \"y\", expected one of: Weight, Height."),
  ])
  func data(name: String, sentence: String) throws {
    let numbers = (1...30).map { "\($0 * $0 % 17)" }
    try check(
      ["train", name, "--predict", "y"],
      files: [
        "empty.csv": "", "header.csv": "a,y\n", "ragged.csv": "a,y\n1,2\n1,2,3\n",
        "single.csv": "y\n" + numbers.joined(separator: "\n") + "\n",
        "constant.csv": "a,y\n" + numbers.map { "\($0),7\n" }.joined(),
        "gaps.csv": "a,y\n" + numbers.map { "\($0),\n" }.joined(), "small.csv": "a,y\n1,2\n2,3\n3,5\n",
        "dropped.csv": "day,a,y\n" + (10..<30).map { "2024-01-\($0),7,\($0 * $0 % 17)\n" }.joined(),
        "book.csv": "PK\u{3}\u{4}abc", "names.csv": "a,y\n" + (1...30).map { "\($0 * 7 % 31),n\($0)\n" }.joined(),
        "steering.csv": "\u{1B}[31m,\"b\nc\"\n1,2\n",
        "infinite.csv": "a,y\n1,2\n1e400,3\ninf,4\n", "typo.csv": "Weight,Height\n1,2\n",
      ], says: sentence, exitCode: 65)
  }

  @Test func namesTheColumnThatMayBeMeant() throws {
    try check(
      ["train", "fish.csv", "--predict", "weigth"], files: ["fish.csv": "Weight,Height\n1,2\n"],
      says: "fish.csv: there is no column \"weigth\"; did you mean \"Weight\"?", exitCode: 65)
    try check(
      ["train", "line.csv", "--predict", "y", "--ignore", "kid"],
      says: "line.csv: there is no column \"kid\"; did you mean \"kind\"?", exitCode: 65)
  }

  @Test(arguments: [
    (["--epochs", "-5"], "--epochs: expected a whole number from 1 to 1000000000, found \"-5\"."),
    (["--epochs", "0"], "--epochs: expected a whole number from 1 to 1000000000, found \"0\"."),
    (["--epochs", "many"], "--epochs: expected a whole number from 1 to 1000000000, found \"many\"."),
    (["--epochs", "1e30"], "--epochs: expected a whole number from 1 to 1000000000, found \"1e30\"."),
    (
      ["--epochs", "99999999999999999999"],
      "--epochs: expected a whole number from 1 to 1000000000, found \"99999999999999999999\"."
    ),
    (["--batch-size", "0"], "--batch-size: expected a whole number from 1 to 1000000000, found \"0\"."),
    (["--hidden", "0"], "--hidden: expected sizes of layers from 1 to 16384 such as 64,64, or none, found \"0\"."),
    (["--hidden", "abc"], "--hidden: expected sizes of layers from 1 to 16384 such as 64,64, or none, found \"abc\"."),
    (["--hidden", "8,"], "--hidden: expected sizes of layers from 1 to 16384 such as 64,64, or none, found \"8,\"."),
    (["--learning-rate", "-1"], "--learning-rate: expected a number from 1e-12 to 1000 such as 0.003, found \"-1\"."),
    (
      ["--learning-rate", "1e30"],
      "--learning-rate: expected a number from 1e-12 to 1000 such as 0.003, found \"1e30\"."
    ),
    (
      ["--learning-rate", "nan"], "--learning-rate: expected a number from 1e-12 to 1000 such as 0.003, found \"nan\"."
    ),
    (["--test-share", "1.5"], "--test-share: expected a share from 0.01 to 0.8, found \"1.5\"."),
    (["--seed", "-1"], "--seed: expected a whole number from 0 to 2⁶⁴ − 1, found \"-1\"."),
    (["--task", "guess"], "--task: expected regression or classification, found \"guess\"."),
    (["--precision", "half"], "--precision: expected float32 or bfloat16, found \"half\"."),
    (["--delimiter", "ab"], "--delimiter: expected one character such as \";\", or tab, found \"ab\"."),
    (["--delimiter", "."], "--delimiter: expected one character such as \";\", or tab, found \".\"."),
    (["--ignore", "y"], "--ignore y: the column to predict, \"y\", cannot be ignored."),
    (["--output", ""], "--output: expected the name of a file to write, found \"\"."),
    (["--output", "nowhere/m"], "nowhere/m: the folder nowhere does not exist."),
    (["--output", "."], ".: expected the name of a file to write, found a folder."),
    (["--colour", "red"], "Unknown option '--colour'."),
    (["more.csv"], "Unexpected argument 'more.csv'."),
  ])
  func options(options: [String], sentence: String) throws {
    try check(["train", "line.csv", "--predict", "y"] + options, says: sentence, exitCode: 64)
  }

  /// The advice is one that the command can follow: there is no option that cuts gradients.
  @Test func trainingThatDiverges() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let run = try CommandRun(
        ["train", "line.csv", "--predict", "y", "--task", "regression", "--learning-rate", "1000", "--quiet"],
        in: folder)
      #expect(run.exitCode == 70 && run.errors.contains(". Try less than --learning-rate 1000"))
      #expect(run.errors.hasSuffix("; no model was written.\n") && !run.errors.contains("clipping"))
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "line.safetensors").path))
    }
  }

  /// Prose is taken for a table where its name does not say what it is.
  @Test func textsUnderOtherNames() throws {
    let files = ["shake.log": "First Citizen\nBefore we proceed, hear me\n", "SHAKE.TSV": "First\nBefore\twe\n"]
    let hint = "; the name of a text ends in .txt, .text or .md."
    try check(
      ["train", "shake.log"], files: files,
      says: "shake.log, line 2: expected 1 field as in the header, found 2\(hint)", exitCode: 65)
    try check(
      ["train", "shake.log", "--steps", "10"], files: files,
      says: "--steps: shake.log is a table, for which there is no such option\(hint)", exitCode: 64)
    try check(
      ["train", "SHAKE.TSV", "--steps", "10"], files: files,
      says: "--steps: SHAKE.TSV is a table, for which there is no such option.", exitCode: 64)
  }

  @Test func missingArguments() throws {
    try check(
      ["train", "line.csv"],
      says: "expected the column to predict, as in --predict NAME; line.csv has \"a\", \"kind\", \"y\".", exitCode: 64)
    try check(["train", "--predict", "y"], says: "Missing expected argument '<data>'.", exitCode: 64)
    try check(
      ["train", "", "--predict", "y"],
      says: "Expected the name of a CSV file, or - for standard input, found \"\".", exitCode: 64)
    try check(["inspect", ""], says: "Expected the name of a model file, found \"\".", exitCode: 64)
    try check(["predict"], says: "Missing expected argument '<model>'.", exitCode: 64)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func standardOutputThatIsFull() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let train = ["train", "line.csv", "--predict", "y", "--epochs", "1"]
      try #require(CommandRun(train + ["--quiet"], in: folder).exitCode == 0)
      let run = try CommandRun(["predict", "line.safetensors", "line.csv"], in: folder, output: "/dev/full")
      #expect(run.exitCode == 70)
      #expect(run.errors == "descent: standard output cannot be written (No space left on device).\n")
    }
  }

  @Test func textWhereNumbersArePredicted() throws {
    try check(
      ["train", "line.csv", "--predict", "kind", "--task", "regression"],
      says: "line.csv, line 2, column \"kind\": expected a number, found \"high\".", exitCode: 65)
  }

  @Test func modelsThatAreNone() throws {
    try check(["predict", "absent", "line.csv"], says: "absent: no such file.", exitCode: 65)
    let run = try TestFiles.withFolder { folder in
      try TestFiles.write("not a model", "text.safetensors", in: folder)
      return try CommandRun(["inspect", "text.safetensors"], in: folder)
    }
    #expect(run.exitCode == 65)
    #expect(run.errors.hasPrefix("descent: text.safetensors: "))
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  /// A model and then files that do not fit it, or a model cut short.
  @Test func predictingWhatDoesNotFit() throws {
    try TestFiles.withFolder { folder in
      try TestFiles.write(TestFiles.line, "line.csv", in: folder)
      let trained = try CommandRun(
        ["train", "line.csv", "--predict", "y", "--epochs", "1", "--quiet", "--task", "regression"], in: folder)
      try #require(trained.exitCode == 0)
      func check(_ text: String, _ sentence: String, command: String = "predict") throws {
        let run = try CommandRun([command, "line.safetensors", "-"], in: folder, input: text)
        #expect(run.exitCode == 65)
        #expect(run.output == "")
        #expect(run.errors == "descent: \(sentence)\n")
      }
      try check(
        "a,kind\n1,low\nmany,low\n", "/dev/stdin, line 3, column \"a\": expected a number, found \"many\".")
      try check(
        "A,kind\n1,low\n",
        """
        /dev/stdin: the column "a", which the model was trained on, is not there; is it the one named "A"?
        """)
      try check(
        "a,kind\n1,low\n", "/dev/stdin: there is no column \"y\", expected one of: a, kind.", command: "evaluate")
      try check(
        "a,kind,y\n1,low,\n", "/dev/stdin: expected values to predict in column \"y\", found none.", command: "evaluate"
      )

      let output = try CommandRun(
        ["predict", "line.safetensors", "line.csv", "--output", "line.safetensors"], in: folder)
      #expect(output.exitCode == 64)
      #expect(
        output.errors == "descent: line.safetensors: this file is read, so the output needs another name.\n")

      let path = folder.appending(path: "line.safetensors")
      try Data(contentsOf: path).dropLast(9).write(to: path)
      let damaged = try CommandRun(["predict", "line.safetensors", "line.csv"], in: folder)
      #expect(damaged.exitCode == 65)
      #expect(damaged.errors.hasPrefix("descent: line.safetensors: "))
      #expect(damaged.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func helpAndVersionAreNoErrors() throws {
    try TestFiles.withFolder { folder in
      let version = try CommandRun(["--version"], in: folder)
      #expect(version.exitCode == 0)
      #expect(version.output.split(separator: ".").count == 3)
      for command in [[], ["train"], ["predict"], ["evaluate"], ["inspect"]] {
        let help = try CommandRun(command + ["--help"], in: folder)
        #expect(help.exitCode == 0)
        #expect(help.errors == "")
        #expect(help.output.contains("USAGE: descent"))
        #expect(help.output.contains("  descent ") || help.output.contains("descent \(command.first ?? "train")"))
      }
    }
  }
}
