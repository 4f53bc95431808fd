import Descent
import Foundation
import Testing

@Suite struct TabularModelTests {
  private func irisModel(epochs: Int = 5) throws -> (table: Table, model: TabularModel) {
    let table = try Table(csv: TestFiles.example("iris.csv"))
    var configuration = TabularConfiguration()
    configuration.epochs = epochs
    return (table, try TabularModel.train(table, predicting: "species", configuration: configuration).model)
  }

  @Test func comesBackFromItsFile() throws {
    let (table, model) = try irisModel()
    try TestFiles.withFolder { folder in
      let path = "\(folder)/iris.safetensors"
      try model.save(to: path)
      let loaded = try TabularModel(contentsOf: path)
      #expect(loaded.preprocessing == model.preprocessing)
      #expect(loaded.provenance == model.provenance)
      #expect(try loaded.predict(table).probabilities == model.predict(table).probabilities)
      let again = "\(folder)/again.safetensors"
      try loaded.save(to: again)
      #expect(try Data(contentsOf: URL(filePath: again)) == Data(contentsOf: URL(filePath: path)))
    }
  }

  @Test(arguments: [1e-200, 1e-60, 1e60])
  func predictsNumbersOfAnySize(unit: Double) throws {
    let numbers = (0..<60).map { Double($0 * 7 % 23) }
    let table = Table(columns: [
      Column("x", numbers: numbers), Column("y", numbers: numbers.map { (2 * $0 + 1) * unit }),
    ])
    var configuration = TabularConfiguration()
    configuration.epochs = 60
    configuration.task = .regression
    let (model, report) = try TabularModel.train(table, predicting: "y", configuration: configuration)
    #expect(try #require(report.test.trivial["rSquared"]) < 0.5)
    #expect(try #require(report.test.trivial["rootMeanSquaredError"]) > unit)
    let predictions = try model.predict(table)
    guard case .number(let written)? = predictions.adding(to: table)["predicted_y"]?.values else {
      Issue.record("expected numbers")
      return
    }
    #expect(zip(written, numbers).allSatisfy { abs($0 / unit - (2 * $1 + 1)) < 10 })
  }

  @Test func refusesFilesOfOthers() throws {
    let (_, model) = try irisModel(epochs: 1)
    try TestFiles.withFolder { folder in
      let path = "\(folder)/weights.safetensors"
      try SafeTensors(tensors: model.network.state).write(to: path)
      #expect(throws: TabularError.self) { try TabularModel(contentsOf: path) }
      do throws(TabularError) {
        _ = try TabularModel(contentsOf: path)
      } catch {
        #expect(error.description == "\(path): expected a model that descent trained on a table, found other tensors.")
      }
    }
  }

  /// A file whose parts do not fit is refused when it is read, not when it is used.
  @Test func refusesLayersThatDoNotFit() throws {
    let (_, model) = try irisModel(epochs: 1)
    let networks: [(Sequential, String)] = [
      (
        Sequential {
          Dense(4, 8)
          Dense(9, 3)
        },
        "the layers do not fit 4 features: layer 1, Dense: expects 9 features in the last axis, not shape [2, 8]"
      ),
      (
        Sequential {
          Dense(4, 3)
          Softmax(axis: 5)
        }, "the layers do not fit 4 features: layer 1, Softmax: there is no axis 5 in shape [2, 3]"
      ),
      (
        Sequential {
          Residual { Dense(4, 3) }
          Dense(4, 3)
        }, "the layers do not fit 4 features: layer 0, Residual: the layers turn shape [2, 4] into [2, 3]"
      ),
      (
        Sequential {
          PolynomialFeatures(degree: 64)
          Dense(4, 3)
        },
        "the layers do not fit 4 features: layer 1, Dense: expects 4 features in the last axis, not shape [2, 814384]"
      ),
      (
        Sequential {
          BatchNorm(3)
          Dense(4, 3)
        }, "the layers do not fit 4 features: layer 0, BatchNorm: expects [batch, 3], not shape [2, 4]"
      ),
      (
        Sequential { Reshape(3, 2) }, "the layers do not fit 4 features: layer 0, Reshape: 4 numbers do not fill [3, 2]"
      ),
      (
        Sequential { Dense(4, 2) },
        "expected a network from 4 features to 3 outputs, as the preprocessing says; found another"
      ),
    ]
    try TestFiles.withFolder { folder in
      let path = "\(folder)/iris.safetensors"
      try model.save(to: path)
      let provenance = try ModelFile(contentsOf: path).provenance
      for (network, problem) in networks {
        try network.save(to: path, preprocessing: model.preprocessing, provenance: provenance)
        do throws(TabularError) {
          _ = try TabularModel(contentsOf: path)
          Issue.record("\(network) was taken")
        } catch {
          #expect(error.description == "\(path): \(problem).")
        }
      }
    }
  }

  @Test func refusesSettingsNothingCanBeTrainedWith() throws {
    let table = try Table(csv: TestFiles.example("iris.csv"))
    for change in [
      { $0.testShare = 0 }, { $0.testShare = 1 }, { $0.validationShare = 0.9 }, { $0.validationShare = .nan },
      { $0.epochs = 0 }, { $0.hidden = [0] }, { $0.batchSize = 0 }, { $0.batchSize = .max }, { $0.learningRate = 0 },
      { $0.weightDecay = -1 }, { $0.labelSmoothing = 1 },
    ] as [(inout TabularConfiguration) -> Void] {
      var configuration = TabularConfiguration()
      change(&configuration)
      do throws(TabularError) {
        _ = try TabularModel.train(table, predicting: "species", configuration: configuration)
        Issue.record("\(configuration) was taken")
      } catch {
        #expect(error.description.hasPrefix("The configuration: expected "))
      }
    }
  }

  /// Every byte of the header changed, and the file cut at every tenth place: an error or an equal model, never a trap.
  @Test func survivesDamage() throws {
    let (table, model) = try irisModel(epochs: 1)
    try TestFiles.withFolder { folder in
      let path = "\(folder)/iris.safetensors"
      try model.save(to: path)
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      let headerEnd = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
      var damaged: [[UInt8]] = stride(from: 0, to: bytes.count, by: 211).map { Array(bytes[..<$0]) }
      for place in stride(from: 0, to: headerEnd, by: 7) {
        var copy = bytes
        copy[place] ^= 1 << UInt8(place % 8)
        damaged.append(copy)
      }
      var refused = 0
      for copy in damaged {
        try Data(copy).write(to: URL(filePath: path))
        do {
          _ = try TabularModel(contentsOf: path).predict(table)
        } catch let error as TabularError {
          refused += 1
          #expect(!error.description.contains("\n"))
        }
      }
      #expect(refused > damaged.count / 2)
    }
  }

  @Test func scoresWhatItPredicts() throws {
    let (table, model) = try irisModel()
    let labels = try model.predict(table).labels
    let species = try table.column("species")
    let right = (0..<150).count { labels[$0] == species.text(at: $0) }
    let evaluation = try model.evaluate(table)
    #expect(evaluation.rowCount == 150)
    #expect(evaluation.scores["accuracy"] == Double(right) / 150)
    #expect(evaluation.scores["balancedAccuracy"].map { abs($0 - Double(right) / 150) < 1e-12 } == true)
  }

  @Test func predictsARowAloneAsAmongOthers() throws {
    let (table, model) = try irisModel()
    let together = try model.predict(table).probabilities
    for row in [0, 70, 149] {
      #expect(try model.predict(table.rows(in: [row])).probabilities == [together[row]])
    }
  }

  /// A network that learns that each class has ½ + ½ · ⅓ at most says so; scaled to the validation rows it is surer.
  @Test func setsProbabilitiesRightAfterSmoothing() throws {
    let table = try Table(csv: TestFiles.example("iris.csv"))
    var configuration = TabularConfiguration()
    configuration.labelSmoothing = 0.5
    let model = try TabularModel.train(table, predicting: "species", configuration: configuration).model
    let largest = try model.predict(table).probabilities.map { $0.max() ?? 0 }
    #expect(largest.reduce(0, +) / 150 > 0.8)
    #expect(try #require(model.evaluate(table).scores["accuracy"]) > 0.9)
  }

  @Test func stopsOnRequestWithTheBestSoFar() throws {
    let table = try Table(csv: TestFiles.example("iris.csv"))
    var epochs = 0
    let (_, report) = try TabularModel.train(
      table, predicting: "species", isCancelled: { epochs >= 4 },
      progress: { if case .progressed(let progress) = $0, progress.isEpochEnd { epochs += 1 } })
    #expect(report.wasCancelled)
    #expect(report.history.epochs.count == 4)
  }

  /// The steps of an epoch that is not whole are measured as those of any other, and count.
  @Test func stopsWithinAnEpoch() throws {
    let table = try Table(csv: TestFiles.example("iris.csv"))
    var configuration = TabularConfiguration()
    configuration.batchSize = 8
    var steps: [Int] = []
    var asked = 0
    let (model, report) = try TabularModel.train(
      table, predicting: "species", configuration: configuration,
      isCancelled: {
        asked += 1
        return asked == 3
      }, progress: { if case .progressed(let progress) = $0, progress.isEpochEnd { steps.append(progress.step) } })
    #expect(report.wasCancelled && steps == [3])
    #expect(report.history.epochs.count == 1 && report.history.bestEpoch == 1)
    #expect(model.provenance.epochs == 1 && report.test.network["accuracy"] != nil)
  }

  @Test func needsTenRows() throws {
    let table = try Table(csvText: "a,y\n1,2\n2,3\n3,4\n", source: "small.csv")
    do throws(TabularError) {
      _ = try TabularModel.train(table, predicting: "y")
      Issue.record("expected an error")
    } catch {
      #expect(
        error.description
          == "small.csv: expected at least 10 rows with a value in \"y\" to train, validate and test on, found 3.")
    }
  }

  /// A weight that became infinite, and a target beyond single precision.
  @Test func answersThatAreNoNumbersAreErrors() throws {
    let rows = (0..<40).map { "\($0 * 7 % 13),\(Double($0 * 7 % 13) * 1e100)\n" }
    let table = try Table(csvText: "x,y\n" + rows.joined())
    var configuration = TabularConfiguration()
    configuration.epochs = 2
    let model = try TabularModel.train(table, predicting: "y", configuration: configuration).model
    #expect(try model.predict(table).adding(to: table).column("predicted_y").missingCount == 0)
    let last = try #require(model.network.layers.last as? Dense)
    last.bias = [.init(Float.infinity)]
    do throws(TabularError) {
      _ = try model.predict(table.rows(in: [3, 4]))
      Issue.record("expected an error")
    } catch {
      #expect(
        error.description == "CSV text, line 5: the model's answer for \"y\" is not a finite number; either a value of "
          + "the row is far beyond those of training, or the model is damaged.")
    }
  }
}
