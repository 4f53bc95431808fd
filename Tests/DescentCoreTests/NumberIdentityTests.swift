import DescentCPU
import DescentCore
import Testing

/// Numbers that are easily taken for one another.
@Suite struct NumberIdentityTests {
  @Test(arguments: engines) func theTwoZerosStayApart(engine: Engine) throws {
    let zeros = try engine.compute([Tensor(0.0), Tensor(-0.0)]).map { $0.array(of: Float.self)[0] }
    #expect(zeros.map { $0.sign } == [.plus, .minus])
  }

  @Test func aProgramWithOneZeroIsNotThePlanOfTheOther() {
    #expect(Tensor(0.0).scalar(of: Float.self).sign == .plus)
    #expect(Tensor(-0.0).scalar(of: Float.self).sign == .minus)
  }

  @Test func oneNaNIsOneNumberHoweverOftenItIsWritten() {
    let x = Tensor([1, 2] as [Float])
    let (program, _) = Program.tracing(outputs: [x + Float.nan, x * Float.nan])
    #expect(program.instructions.count { $0.primitive.name == "literal" } == 1)
  }

  @Test(arguments: engines) func aNegatedTruthIsMinusOne(engine: Engine) throws {
    let x = Tensor([1.0, 0.0])
    let negated = -(x .> 0.5)
    #expect(negated.dtype == .int32)
    #expect(try results([negated, negated.cast(to: .float32) * 2], on: engine) == [[-1, 0], [-2, 0]])
  }

  @Test func aTensorMayBeComputedWhileItsGraphIsWalked() {
    let shared = (Tensor([1, 2, 3] as [Float]) * Float(1)).sin()
    let later = shared + 1
    let graph = Traversal(from: [later.node]) { node in
      let hasValue = node.value != nil
      if node === shared.node { evaluate(shared) }  // as another thread might at this very moment
      return hasValue
    }
    #expect(graph.position(of: shared.node).map { graph.operands[$0].count } == 1)
  }
}
