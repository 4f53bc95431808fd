import Descent
import Testing

/// Files that the format's own library wrote.
@Suite(.needs("interop/safetensors"))
struct SafeTensorsInteropTests {
  @Test func everyTypeOfTheFormatIsRead() throws {
    let path = TestFiles.shared("interop/safetensors/dtypes.safetensors")
    let header = try SafeTensorsHeader(contentsOf: path)
    #expect(header.metadata == ["unicode": "γ = p/n", "note": "dtype zoo"])
    let names = ["i64", "f64", "empty", "f32", "scalar", "i32", "bf16", "f16", "i16", "i8", "u8", "bool"]
    #expect(header.entries.map(\.name) == names)
    #expect(try SafeTensors(contentsOf: path).tensors.paths == names)
  }

  @Test func theirValuesAreRead() throws {
    let path = TestFiles.shared("interop/safetensors/dtypes.safetensors")
    let tensors = try SafeTensors(contentsOf: path).tensors
    // The file's numbers were float32 before they became the other types.
    let values: [Double] = [0, -0.0, 1, -1.5, 3.140625, 65504, Double(Float(-1e-3)), 0x1p-14]
    #expect(tensors["f64"]?.array(of: Double.self).map(\.bitPattern) == values.map(\.bitPattern))
    #expect(tensors["f32"]?.array() == values.map { Float($0) })
    #expect(tensors["f32"]?.shape == [2, 4])
    let half = try #require(tensors["f16"]).array()
    // -0.001 is the only one that half precision rounds.
    #expect(half.indices.allSatisfy { $0 == 6 || half[$0].bitPattern == Float(values[$0]).bitPattern })
    #expect(abs(half[6] + 1e-3) < 1e-3 * 0x1p-11)
    let brain = try #require(tensors["bf16"])
    #expect(brain.shape == [2, 2, 2])
    #expect(brain.array() == values.map { Float(bitPattern: Float($0).bitPattern & 0xFFFF_0000) })
    #expect(tensors["scalar"]?.shape == [])
    #expect(tensors["empty"]?.shape == [0, 3])
    #expect(tensors["bool"]?.dtype == .bool && tensors["bool"]?.array(of: Int.self) == [1, 0, 0, 1])
    for (name, dtype, values) in [
      ("i64", .int64, [-1 << 62, 0, 1 << 62]), ("i32", .int32, [-1 << 31, 0, 1 << 31 - 1]),
      ("i16", .int32, [-32768, 32767]), ("i8", .int32, [-128, 127]), ("u8", .uint8, [0, 128, 255]),
    ] as [(String, DType, [Int])] {
      #expect(tensors[name]?.dtype == dtype && tensors[name]?.array(of: Int.self) == values, "\(name)")
    }
  }

  @Test func writingGivesTheSameBytes() throws {
    for name in ["lenet", "jfk-codes"] {
      let path = TestFiles.shared("interop/safetensors/\(name).safetensors")
      #expect(try SafeTensors(contentsOf: path).bytes(name: "f") == TestFiles.bytes(path))
    }
  }

  @Test func theCodesOfAVoice() throws {
    let path = TestFiles.shared("interop/safetensors/jfk-codes.safetensors")
    let codes = try #require(SafeTensors(contentsOf: path).tensors["codes"])
    #expect(codes.shape == [1, 2, 828] && codes.array(of: Int.self).prefix(4) == [865, 62, 408, 408])
  }
}
