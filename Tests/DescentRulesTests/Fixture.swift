import DescentCore
import Foundation

/// Reads a file of reference numbers from `Tests/Fixtures`.
func fixture<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let data = try Data(contentsOf: folder.appending(path: "Fixtures/\(name).json"))
  return try JSONDecoder().decode(type, from: data)
}

struct FixtureTensor: Decodable {
  let shape: [Int]
  let values: [Double]

  var float64: Tensor { tensor(.float64) }

  func tensor(_ dtype: DType) -> Tensor { Tensor(values, shape: shape, dtype: dtype) }
}
