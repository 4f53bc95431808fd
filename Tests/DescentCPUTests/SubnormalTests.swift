#if arch(x86_64) || arch(arm64)
  import Descent
  import DescentCPU
  import Testing

  /// Subnormal numbers count as zero of their sign, whichever function meets them and however it computes.
  @Suite struct SubnormalTests {
    private static let functions: [(name: String, of: @Sendable (Tensor) -> Tensor)] = [
      ("exp", { $0.exp() }), ("log", { $0.log() }), ("log1p", { $0.log1p() }), ("expm1", { $0.expm1() }),
      ("sqrt", { $0.sqrt() }), ("rsqrt", { $0.rsqrt() }), ("sin", { $0.sin() }), ("cos", { $0.cos() }),
      ("tanh", { $0.tanh() }), ("sigmoid", { $0.sigmoid() }), ("erf", { $0.erf() }),
    ]

    @Test(arguments: InstructionSet.available)
    func functionsTakeThemForZero(_ instructions: InstructionSet) throws {
      let engine = Engine.cpu(instructions)
      let tiny: [Float] = [0x1p-127, -0x1p-127, 0x1p-149, -0x1p-149, 0x1.8p-130, -0x1.8p-130]
      let zeros = tiny.map { $0 > 0 ? Float(0) : -0.0 }
      for function in Self.functions {
        let results = try engine.compute([function.of(Tensor(tiny)), function.of(Tensor(zeros))])
        let bits = results.map { $0.array(of: Float.self).map(\.bitPattern) }
        #expect(bits[0] == bits[1], "\(function.name)")
      }
    }

    /// 2x/√π, although the product beyond x is too small for a normal number.
    @Test(arguments: InstructionSet.available)
    func theErrorFunctionOfTheSmallestNormalNumbersIsExact(_ instructions: InstructionSet) throws {
      let x = (0..<100).map { Float.leastNormalMagnitude * (1 + Float($0) / 7) }
      let y = try Engine.cpu(instructions).compute([Tensor(x).erf()])[0].array(of: Float.self)
      for (x, y) in zip(x, y) {
        let exact = Double(x) * 1.1283791670955126
        #expect(abs(Double(y) - exact) <= 2 * Double(Float(exact).ulp), "erf(\(x)) = \(y)")
      }
    }
  }
#endif
