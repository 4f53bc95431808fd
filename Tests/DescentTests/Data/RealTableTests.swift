import Descent
import Testing

@Suite struct RealTableTests {
  @Test(.needs("fish-market/Fish.csv"))
  func fish() throws {
    let table = try Table(csv: TestFiles.shared("fish-market/Fish.csv"))
    #expect(table.rowCount == 159)
    #expect(table.columnNames == ["Species", "Weight", "Length1", "Length2", "Length3", "Height", "Width"])
    #expect(table.columns.map(\.isNumeric) == [false, true, true, true, true, true, true])
    #expect(table["Weight"]?.text(at: 40) == "0")
    #expect(table.line(ofRow: 158) == 160)
    let preprocessing = try TablePreprocessing(fitting: table, target: "Weight")
    #expect(preprocessing.featureNames.count == 12)
    #expect(preprocessing.columns[0].description == "Species: 7 categories, one-hot")
    #expect(try table.task(predicting: "Weight").task == .regression)
    #expect(try table.task(predicting: "Species").task == .classification)
  }

  @Test(.needs("fish-market/nyu_test_feature.csv"))
  func aFileWithoutHeader() throws {
    let path = TestFiles.shared("fish-market/nyu_test_feature.csv")
    #expect(message { _ = try Table(csv: path) }?.contains("line 1: expected column names, found only numbers") == true)
    #expect(try Table(csv: path, header: .absent).rowCount == 31)
    let labels = try Table(csv: TestFiles.shared("fish-market/nyu_label.csv"))
    #expect(labels.rowCount == 124 && labels.columns.count == 1)
  }

  @Test(.needs("titanic/titanic.csv"))
  func titanic() throws {
    let table = try Table(csv: TestFiles.shared("titanic/titanic.csv"))
    #expect(table.rowCount == 891 && table.columns.count == 12)
    let missing = table.columns.filter { $0.missingCount > 0 }.map { "\($0.name) \($0.missingCount)" }
    #expect(missing == ["Age 177", "Cabin 687", "Embarked 2"])
    #expect(table["Name"]?.text(at: 0) == "Braund, Mr. Owen Harris")
    #expect(table["Survived"]?.asCategories() == Column("Survived", texts: table.texts.map { $0[1] }))
    let preprocessing = try TablePreprocessing(fitting: table, target: "Survived")
    #expect(
      preprocessing.featureNames == [
        "Pclass", "Sex=female", "Sex=male", "Age", "Age missing", "SibSp", "Parch", "Fare", "Embarked=C", "Embarked=Q",
        "Embarked=S",
      ])
    #expect(preprocessing.targetEncoding == .classification(classes: ["0", "1"]))
    let dropped = preprocessing.columns.filter(\.featureNames.isEmpty).map(\.description)
    #expect(
      dropped == [
        "PassengerId: dropped (it only counts the rows)",
        "Name: dropped (looks like an identifier, 891 different values in 891 rows)",
        "Ticket: dropped (looks like an identifier, 681 different values in 891 rows)",
        "Cabin: dropped (looks like an identifier, 147 different values in 204 rows)",
      ])
    #expect(try preprocessing.encodeTargets(table).classes.count { $0 == 1 } == 342)
  }

  @Test(.needs("california-housing/housing.csv"))
  func housing() throws {
    let table = try Table(csv: TestFiles.shared("california-housing/housing.csv"))
    #expect(table.rowCount == 20_640)
    #expect(table["total_bedrooms"]?.missingCount == 207)
    let summary = table.summary.columns
    #expect(abs((summary[8].mean ?? 0) - 206_855.8) < 0.1)
    #expect(summary[9].mostFrequent == "<1H OCEAN" && summary[9].distinctCount == 5)
    let split = try table.split(predicting: "median_house_value", seed: 1)
    #expect(split.train.count + split.validation.count + split.test.count == 20_640)
    #expect(split.validation.count == 3096 && split.test.count == 3096)
  }

  @Test(
    .needs("time-series/monthly-sunspots.csv"),
    arguments: [("airline-passengers", 144), ("monthly-sunspots", 2820), ("daily-min-temperatures", 3650)])
  func timeSeries(_ name: String, _ rowCount: Int) throws {
    let table = try Table(csv: TestFiles.shared("time-series/\(name).csv"))
    #expect(table.rowCount == rowCount)
    #expect(table.columns.map(\.isNumeric) == [false, true])
    #expect(table.columns.map(\.missingCount) == [0, 0])
  }

  @Test func bundledIris() throws {
    let table = try Table(csv: TestFiles.example("iris.csv"))
    #expect(table.rowCount == 150)
    #expect(table.summary.columns.map(\.distinctCount) == [35, 23, 43, 22, 3])
    #expect(table.texts[34] == ["4.9", "3.1", "1.5", "0.2", "setosa"])
    #expect(table.texts[37] == ["4.9", "3.6", "1.4", "0.1", "setosa"])
  }

  @Test(.needs("iris/iris.csv")) func bundledIrisesAreThoseOfOthers() throws {
    let (own, others) = (TestFiles.example("iris.csv"), TestFiles.shared("iris/iris.csv"))
    #expect(try Table(csv: own) == Table(csv: others))
  }

  @Test func bundledDigits() throws {
    let table = try Table(csv: TestFiles.example("digits.csv"))
    #expect(table.rowCount == 1797 && table.columns.count == 65)
    let pixels = table.summary.columns.dropLast()
    #expect(pixels.allSatisfy { $0.isNumeric && $0.minimum == 0 && $0.maximum ?? 17 <= 16 })
    #expect(try table.task(predicting: "digit").task == .classification)
    let classes = try TablePreprocessing(fitting: table, target: "digit").encodeTargets(table).classes
    let counts = (0..<10).map { digit in classes.count { $0 == digit } }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
  }
}
