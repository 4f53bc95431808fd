import Descent
import Testing

@Suite struct ImportanceTests {
  /// y follows from `cause` alone; `noise` says nothing, `constant` is dropped.
  private static func table(isClassification: Bool) -> Table {
    let rows = (0..<200).map { Double($0 * 37 % 101) }
    let noise = (0..<200).map { Double($0 * 53 % 89) }
    let target =
      isClassification
      ? Column("y", texts: rows.map { $0 > 50 ? "high" : "low" }) : Column("y", numbers: rows.map { 3 * $0 + 1 })
    return Table(columns: [
      Column("noise", numbers: noise), Column("cause", numbers: rows), Column("constant", numbers: rows.map { _ in 7 }),
      target,
    ])
  }

  @Test(arguments: [false, true]) func theCauseComesFirst(isClassification: Bool) throws {
    let table = Self.table(isClassification: isClassification)
    var configuration = TabularConfiguration()
    configuration.epochs = 40
    let (model, report) = try TabularModel.train(table, predicting: "y", configuration: configuration)
    let test = table.rows(in: report.plan.split.test)
    let found = try model.importances(on: test)
    #expect(found.map(\.column) == ["cause", "noise"])
    #expect(found[0].loss > 0.3)
    #expect(abs(found[1].loss) < 0.1)
    #expect(found.allSatisfy { $0.range.contains($0.loss) })
    #expect(found[0].range.lowerBound < found[0].range.upperBound)
    #expect(try model.importances(on: test) == found)
    #expect(try model.importances(on: test, seed: 1) != found)
    #expect(try model.importances(on: test, shuffles: 1).allSatisfy { $0.range.lowerBound == $0.range.upperBound })
  }

  @Test func saysWhatIsMissing() throws {
    let table = Self.table(isClassification: false)
    var configuration = TabularConfiguration()
    configuration.epochs = 1
    let (model, _) = try TabularModel.train(table, predicting: "y", configuration: configuration)
    #expect(throws: TabularError.self) { try model.importances(on: table.dropping(["cause"])) }
  }
}
