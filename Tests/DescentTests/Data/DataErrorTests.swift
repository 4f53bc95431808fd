import Descent
import Testing

@Suite struct DataErrorTests {
  private static let train = "size,kind,y\n1,a,1.5\n2,b,2.5\n4,a,3\n"

  private func fitted() throws -> TablePreprocessing {
    try TablePreprocessing(fitting: Table(csvText: Self.train), target: "y")
  }

  /// Tables to predict from, and the sentence that refuses them.
  @Test(arguments: [
    ("size\n1\n", "new.csv: the column \"kind\", which the model was trained on, is not there."),
    (
      "Kind,size\na,1\n",
      "new.csv: the column \"kind\", which the model was trained on, is not there; "
        + "is it the one named \"Kind\"?"
    ),
    ("kind\na\n", "new.csv: the column \"size\", which the model was trained on, is not there."),
    ("size,kind\n1,a\n\nabc,b\n", "new.csv, line 4, column \"size\": expected a number, found \"abc\"."),
    ("kind,size\n\"a\nb\",1\nb,?\nb,Inf1\n", "new.csv, line 5, column \"size\": expected a number, found \"Inf1\"."),
    (
      "size,kind\n1e300,a\n",
      "new.csv, line 2, column \"size\": expected a number that single precision can hold, found 1e+300."
    ),
  ])
  func refusesToPredict(_ text: String, _ expected: String) throws {
    let preprocessing = try fitted()
    let found = message { _ = try preprocessing.encode(Table(csvText: text, source: "new.csv")) }
    #expect(found == expected)
  }

  @Test func namesRowsWhereThereAreNoLines() throws {
    let table = Table(columns: [Column("size", texts: ["1", "x"]), Column("kind", texts: ["a", "a"])])
    let preprocessing = try fitted()
    #expect(
      message { _ = try preprocessing.encode(table) }
        == "table, row 2, column \"size\": expected a number, found \"x\".")
    #expect(try preprocessing.encode(table, rows: [0]).rowCount == 1)
  }

  /// Tables to train on, the target, a task if one is chosen, and the sentence that refuses them.
  @Test(
    arguments: [
      ("a,b\n1,2\n", "c", nil, "t.csv: there is no column \"c\", expected one of: a, b."),
      ("weight,height\n1,2\n", "Wieght", nil, "t.csv: there is no column \"Wieght\"; did you mean \"weight\"?"),
      (
        "a,b,c,d,e,f,g,h,i,j\n1,2,3,4,5,6,7,8,9,0\n", "zzz", nil,
        "t.csv: there is no column \"zzz\", expected one of: a, b, c, d, e, f, g, h and 2 more."
      ),
      ("a,y\n1,\n2,NA\n", "y", nil, "t.csv: expected values to predict in column \"y\", found none."),
      (
        "a,y\n1,u\n2,u\n3,\n", "y", nil,
        "t.csv: expected at least two different values to predict in column \"y\", found only \"u\"."
      ),
      (
        "a,y\n1,3.5\n2,3.5\n", "y", nil,
        "t.csv: expected at least two different values to predict in column \"y\", found only \"3.5\"."
      ),
      (
        "a,y\n5,1\n5,2\n5,4\n", "y", nil,
        "t.csv: expected a column to predict \"y\" from, found none that can be used; a: dropped (constant, always 5)."
      ),
      ("y\n1\n2\n", "y", nil, "t.csv: expected a column to predict \"y\" from, found none that can be used."),
      ("a,y\n1,5\n2,6\n4,big\n", "y", .regression, "t.csv, line 4, column \"y\": expected a number, found \"big\"."),
      (
        "a,y\n1,5\n-1e308,6\n1e308,7\n", "y", .regression,
        "t.csv, line 4, column \"a\": expected a number that single precision can hold, found 1e+308."
      ),
    ] as [(String, String, PredictionTask?, String)])
  func refusesToTrain(_ text: String, _ target: String, _ task: PredictionTask?, _ expected: String) throws {
    let table = try Table(csvText: text, source: "t.csv")
    #expect(message { _ = try TablePreprocessing(fitting: table, target: target, task: task) } == expected)
  }

  @Test func refusesTooManyClasses() throws {
    let table = Table(columns: [
      Column("a", numbers: (0..<1001).map { Double($0 * $0) }), Column("y", numbers: (0..<1001).map(Double.init)),
    ])
    #expect(
      message { _ = try TablePreprocessing(fitting: table, target: "y", task: .classification) }
        == "table: expected at most 1000 classes in column \"y\", found 1001.")
  }

  @Test func refusesToEvaluate() throws {
    let regression = try fitted()
    let bad = try Table(csvText: "size,kind,y\n1,a,2\n2,b,x\n", source: "new.csv")
    #expect(
      message { _ = try regression.encodeTargets(bad) }
        == "new.csv, line 3, column \"y\": expected a number, found \"x\".")
    let absent = try Table(csvText: "size,kind\n1,a\n", source: "new.csv")
    #expect(
      message { _ = try regression.encodeTargets(absent) }
        == "new.csv: there is no column \"y\", expected one of: size, kind.")
    let classes = try TablePreprocessing(fitting: try Table(csvText: "a,y\n1,u\n2,v\n5,v\n"), target: "y")
    let unknown = try Table(csvText: "a,y\n1,u\n2,w\n", source: "new.csv")
    #expect(
      message { _ = try classes.encodeTargets(unknown) }
        == "new.csv, line 3, column \"y\": expected one of the classes of the training data (u, v), found \"w\".")
  }

  @Test func refusesToSplit() {
    #expect(
      message { _ = try Split(count: 2, seed: 1) } == "Expected at least 3 rows for a split into 3 parts, found 2.")
    #expect(
      message { _ = try Split(count: 0, validation: 0, test: 0, seed: 1) }
        == "Expected at least 1 row for a split into 1 part, found 0.")
    #expect(
      message { _ = try Split(rows: [1, 2, 3, 4], seed: 1, groups: [0, 0, 1, 1]) }
        == "Expected at least 3 groups of rows that stay together for a split into 3 parts, found 2.")
    #expect(
      message { _ = try Split.folds(5, of: [1, 2, 3], seed: 1) } == "Expected at least 5 rows for 5 folds, found 3.")
  }

  /// Texts in the place of stored rules, and the reason they are refused.
  @Test(arguments: [
    ("", "it is not JSON"), ("{", "it is not JSON"), ("[]", "it is of the wrong type"),
    ("{}", "\"version\" is not there"), (#"{"version":2}"#, "expected version 1, found 2"),
    (#"{"version":"1"}"#, "\"version\" is of the wrong type"), (#"{"version":1}"#, "\"target\" is not there"),
    (#"{"version":1,"target":{"name":"y","kind":"rank"},"columns":[]}"#, "\"kind\" has an unexpected value"),
    (
      #"{"version":1,"target":{"name":"y","kind":"regression","mean":0,"deviation":0},"columns":[]}"#,
      "the scale of \"y\" is not positive"
    ),
    (
      #"{"version":1,"target":{"name":"y","kind":"classification","classes":["a","a"]},"columns":[]}"#,
      "the classes of \"y\" are not distinct"
    ),
    (
      #"{"version":1,"target":{"name":"y","kind":"classification","classes":["a","b"]},"columns":[]}"#,
      "no column is used"
    ),
    (
      #"{"version":1,"target":{"name":"y","kind":"classification","classes":["a","b"]},"columns":[{"name":"y","#
        + #""kind":"missingFlag"}]}"#, "two columns have the same name"
    ),
    (
      #"{"version":1,"target":{"name":"y","kind":"classification","classes":["a","b"]},"columns":[{"name":"x","#
        + #""kind":"oneHot","levels":["é","e\#u{301}"],"otherCount":0}]}"#, "the categories of \"x\" are not distinct"
    ),
    (
      #"{"version":1,"target":{"name":"y","kind":"classification","classes":["a","b"]},"columns":[{"name":"x","#
        + #""kind":"number","mean":0,"deviation":-1,"median":0,"flagsMissing":true}]}"#,
      "the scale of \"x\" is not positive"
    ),
    (
      #"{"version":1,"target":{"name":"y","kind":"classification","classes":["a","b"]},"columns":[{"name":"x","#
        + #""kind":"number","mean":0,"deviation":1,"flagsMissing":true}]}"#, "\"median\" is not there"
    ),
  ])
  func refusesStoredRules(_ text: String, _ reason: String) {
    #expect(
      message { _ = try TablePreprocessing(jsonText: text) }
        == "The preprocessing stored with the model cannot be used: \(reason).")
  }
}
