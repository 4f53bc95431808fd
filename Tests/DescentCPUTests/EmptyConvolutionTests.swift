import DescentCPU
import DescentCore
import Testing

@Suite("Convolutions without channels")
struct EmptyConvolutionTests {
  @Test("no channels to sum over give zeros, and derivatives without elements", arguments: InstructionSet.available)
  func noInputs(instructions: InstructionSet) throws {
    for size in [1, 8, 28] {
      let x = Tensor.zeros([2, size, size, 0]), w = Tensor.zeros([3, 3, 0, 6])
      let result = x.convolved(with: w, padding: .same)
      let slopes = gradients(at: [x, w]) { $0[0].convolved(with: $0[1], padding: .same).sum() }
      let memories = try Engine.cpu(instructions).compute([result] + slopes)
      #expect(memories.map(\.count) == [2 * size * size * 6, 0, 0])
      #expect(memories[0].array(of: Float.self).allSatisfy { $0 == 0 })
    }
  }

  @Test("no channels of results have a derivative of zeros", arguments: InstructionSet.available)
  func noOutputs(instructions: InstructionSet) throws {
    let x = Tensor.ones([2, 8, 8, 4]), w = Tensor.zeros([3, 3, 4, 0])
    let slopes = gradients(at: [x, w]) { $0[0].convolved(with: $0[1], padding: .same).sum() }
    let memories = try Engine.cpu(instructions).compute(slopes)
    #expect(memories.map(\.count) == [2 * 8 * 8 * 4, 0])
    #expect(memories[0].array(of: Float.self).allSatisfy { $0 == 0 })
  }
}
