import Descent
import Testing

/// Models of series in files.
struct SeriesFileTests {
  private static func model(horizon: Int = 2) throws -> SeriesModel {
    var configuration = SeriesConfiguration(horizon: horizon)
    configuration.epochs = 3
    return try SeriesModel.train(SeriesTests.table(SeriesTests.wave(80)), series: "y", configuration: configuration)
      .model
  }

  @Test func aModelIsReadAsItWasWritten() throws {
    try TestFiles.withFolder { folder in
      let model = try Self.model()
      let path = folder + "/m.safetensors"
      try model.save(to: path)
      let read = try SeriesModel(contentsOf: path)
      #expect(read.transform == model.transform && read.season == model.season)
      #expect(read.provenance == model.provenance)
      let table = SeriesTests.table(SeriesTests.wave(90))
      #expect(try read.forecast(table).values == model.forecast(table).values)
      try read.save(to: folder + "/again.safetensors")
      #expect(try TestFiles.bytes(path) == TestFiles.bytes(folder + "/again.safetensors"))
    }
  }

  @Test func partsOfOthersAreRefused() throws {
    try TestFiles.withFolder { folder in
      let path = folder + "/m.safetensors"
      try Self.model().save(to: path)
      let file = try SafeTensors(contentsOf: path)
      try Self.model(horizon: 3).save(to: folder + "/other.safetensors")
      let other = try SafeTensors(contentsOf: folder + "/other.safetensors")
      func message(_ change: (inout [String: String]) -> Void) throws -> String? {
        var metadata = file.metadata
        change(&metadata)
        try SafeTensors(tensors: file.tensors, metadata: metadata).write(to: path)
        return #expect(throws: SeriesError.self) { try SeriesModel(contentsOf: path) }?.description
      }
      func changed(_ key: String, _ old: String, _ new: String) throws -> String? {
        try message { $0[key] = $0[key]?.replacing(old, with: new) }
      }
      let another = "\(path): expected a model that descent trained on a series, found another."
      #expect(try message { $0["descent.series"] = nil } == another.replacing("another", with: "other tensors"))
      #expect(try message { $0["descent.series"] = "{}" } == another)
      #expect(try message { $0["descent.provenance"] = "[]" } == another)
      #expect(
        try message { $0["descent.provenance"] = other.metadata["descent.provenance"] }
          == "\(path): expected a network from 16 values to 3, found another.")
      let rules = "\(path): expected the rules of a series, found others."
      #expect(try changed("descent.series", "\"lags\":[0,1,", "\"lags\":[1,0,") == rules)
      #expect(try changed("descent.series", "\"lags\":[0,", "\"lags\":[-1,") == rules)
      #expect(try changed("descent.series", "\"length\":8", "\"length\":0") == rules)
      #expect(
        try changed("descent.series", "\"lags\":[0,1,", "\"lags\":[1,")?.contains("the layers do not fit") == true)
      #expect(
        try changed("descent.provenance", "\"horizon\":2", "\"horizon\":-2")?.hasPrefix(
          "\(path): The configuration: expected horizon") == true)
    }
  }
}
