import Descent
import Foundation
import Testing

enum TestFiles {
  /// A real file, or a folder of such, beside the package; tests that `need` it are skipped where it is not there.
  static func shared(_ name: String) -> String { path("../shared/data/\(name)") }

  /// A file of the data that the package has.
  static func example(_ name: String) -> String { path("Examples/Data/\(name)") }

  private static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../\(name)").standardized.path
  }

  static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

  /// Runs `body` with the path of a folder that is removed afterwards.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "descent-files-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }

  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }
}

/// A file made of a header as it is written and of data.
func safeTensors(_ header: String, _ data: [UInt8] = []) -> [UInt8] { safeTensors(Array(header.utf8), data) }

func safeTensors(_ header: [UInt8], _ data: [UInt8] = []) -> [UInt8] { length(UInt64(header.count)) + header + data }

/// Eight bytes, least significant first.
func length(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

/// An entry of a header.
func entry(_ name: String, _ type: String = "U8", _ shape: [Int] = [2], _ offsets: [Int] = [0, 2]) -> String {
  #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
}

/// The elements of a tensor as bits, in which NaN is equal to itself and -0 is not 0.
func bits(_ tensor: Tensor) -> [UInt8] { tensor.memory.withBytes { Array($0) } }

extension Trait where Self == ConditionTrait {
  /// For tests of real data that the package does not have.
  static func needs(_ names: String...) -> Self {
    .enabled("the data are not beside the package") {
      names.allSatisfy { FileManager.default.fileExists(atPath: TestFiles.shared($0)) }
    }
  }
}
