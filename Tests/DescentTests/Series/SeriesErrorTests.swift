import Descent
import Foundation
import Testing

/// What no model can be made of, and in which words.
struct SeriesErrorTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let csv: String
    var horizon = 1
    var change: @Sendable (inout SeriesConfiguration) -> Void = { _ in }
    let message: String
  }

  private static func csv(_ values: [String], from year: Int = 1900) -> String {
    "date,y\n" + values.enumerated().map { "\(year + $0),\($1)\n" }.joined()
  }

  private static func days(_ days: [Int]) -> String {
    "date,y\n" + days.map { "2024-01-\($0 < 10 ? "0" : "")\($0),\($0 * $0 % 7)\n" }.joined()
  }

  private static let good = csv((0..<60).map { "\($0 * $0 % 7)" })

  private static let months =
    "date,y\n"
    + (0..<60).map { index in
      let month = index % 12 + 1
      return "\(1900 + index / 12)-\(month < 10 ? "0" : "")\(month),\(index * index % 7)\n"
    }.joined()

  static let rows: [Row] = [
    Row(
      testDescription: "no such column", csv: "a,b\n1,2\n",
      message: "f: there is no column \"y\", expected one of: a, b."),
    Row(
      testDescription: "a misspelt column of dates", csv: good, change: { $0.dates = "dates" },
      message: "f: there is no column \"dates\"; did you mean \"date\"?"),
    Row(
      testDescription: "words", csv: csv(["1", "2", "many", "4"]),
      message: "f, line 4, column \"y\": expected a number, found \"many\"."),
    Row(
      testDescription: "a gap", csv: csv(["1", "", "3"]),
      message: "f, line 3, column \"y\": expected a number, as a series has one in every row, found none."),
    Row(
      testDescription: "a number beyond reason", csv: csv(["1", "1e200", "3"]),
      message: "f, line 3, column \"y\": expected a number that single precision can hold, found 1e+200."),
    Row(
      testDescription: "not sorted", csv: days([1, 2, 4, 3]),
      message: "f, line 5, column \"date\": the date 2024-01-03 stands after 2024-01-04; sort the rows by date."),
    Row(
      testDescription: "newest first", csv: days([4, 3, 2, 1]),
      message: "f, line 3, column \"date\": the date 2024-01-03 stands after 2024-01-04; sort the rows by date."),
    Row(
      testDescription: "a date twice", csv: days([1, 2, 2, 3]),
      message: "f, line 4, column \"date\": the date 2024-01-02 stands in two rows."),
    Row(
      testDescription: "no dates where they should be", csv: "when,y\nspring,1\nsummer,2\n",
      change: { $0.dates = "when" },
      message:
        "f, line 2, column \"when\": expected a date such as 2024, 2024-05, 2024-05-31 or 2024-05-31 18:30, of the "
        + "same kind in every row, found \"spring\"."),
    Row(
      testDescription: "two kinds of dates", csv: "when,y\n2024-01,1\n2024-02-01,2\n",
      message:
        "f, line 3, column \"when\": expected a date such as 2024, 2024-05, 2024-05-31 or 2024-05-31 18:30, of the "
        + "same kind in every row, found \"2024-02-01\"."),
    Row(
      testDescription: "a date that is none", csv: good.replacingOccurrences(of: "\n1904,", with: "\n1904-13,"),
      message:
        "f, line 6, column \"date\": expected a date such as 2024, 2024-05, 2024-05-31 or 2024-05-31 18:30, of the "
        + "same kind in every row, found \"1904-13\"."),
    Row(
      testDescription: "a date that is missing", csv: months.replacingOccurrences(of: "\n1900-03,", with: "\n,"),
      message:
        "f, line 4, column \"date\": expected a date such as 2024, 2024-05, 2024-05-31 or 2024-05-31 18:30, of the "
        + "same kind in every row, found \"\"."),
    Row(
      testDescription: "a season beyond the end", csv: good, change: { $0.season = 200 },
      message: "f: expected at least 222 values in column \"y\" for a season of 200, found 60."),
    Row(
      testDescription: "constant", csv: csv(Array(repeating: "5", count: 60)),
      message: "f: expected different values to learn from in column \"y\", found only 5.0."),
    Row(
      testDescription: "too short", csv: csv((0..<12).map { "\($0)" }),
      message: "f: expected at least 15 values in column \"y\" to train, validate and test forecasts of 1 step, found "
        + "12."),
    Row(
      testDescription: "a horizon beyond the end", csv: good, horizon: 100,
      message: "f: expected at least 311 values in column \"y\" to train, validate and test forecasts of 100 steps, "
        + "found 60."),
    Row(
      testDescription: "a window beyond the end", csv: good, change: { $0.window = 50 },
      message: "f: expected at least 81 values in column \"y\" for a window of 50 and a horizon of 1, found 60."),
    Row(
      testDescription: "no horizon", csv: good, horizon: 0,
      message: "The configuration: expected horizon from 1 to 1000000000, found 0."),
    Row(
      testDescription: "fewer to test on than a forecast has", csv: good, horizon: 5, change: { $0.testCount = 4 },
      message: "The configuration: expected at least as many values to test on as the horizon of 5, found 4."),
    Row(
      testDescription: "nothing left", csv: good, change: { $0.testShare = 0.9 },
      message:
        "The configuration: expected validationShare and testShare above 0 that leave values for training, found "
        + "0.15 and 0.9."),
  ]

  @Test(arguments: rows)
  func isRefused(_ row: Row) throws {
    let table = try Table(csvText: row.csv, source: "f")
    var configuration = SeriesConfiguration(horizon: row.horizon)
    row.change(&configuration)
    let error = #expect(throws: SeriesError.self) {
      try SeriesModel.train(table, series: "y", configuration: configuration)
    }
    #expect(error?.description == row.message)
  }

  @Test func whatAModelCannotGoOnFrom() throws {
    var configuration = SeriesConfiguration(horizon: 2)
    configuration.epochs = 2
    let growing = (0..<100).map { index -> Double in
      let level = Double(index + 5)
      return index % 2 == 0 ? level * 0.7 : level * 1.3
    }
    let table = SeriesTests.table(growing)
    let (model, report) = try SeriesModel.train(table, series: "y", configuration: configuration)
    #expect(report.plan.transform.usesLogarithm)
    let count = report.plan.transform.lags.max()! + 1
    func message(_ values: [Double]) -> String? {
      #expect(throws: SeriesError.self) { try model.forecast(SeriesTests.table(values)) }?.description
    }
    #expect(
      message(Array(growing.prefix(count - 1)))
        == "table: expected at least \(count) values to forecast the next ones from, found \(count - 1).")
    #expect(
      message([1, 2, -3] + growing)
        == "table, row 3, column \"y\": expected a number above 0, as in training, where logarithms were taken; found "
        + "-3.0.")
    #expect(message([1, .nan] + growing)?.hasPrefix("table, row 2, column \"y\": expected a number, as") == true)
    let error = #expect(throws: SeriesError.self) {
      try model.evaluate(SeriesTests.table(Array(growing.prefix(count))))
    }
    #expect(error?.description.contains("to forecast from and to compare forecasts with, found \(count).") == true)
  }
}
