#if !hasFeature(Embedded)
  /// What an engine may compute by one kernel of its own, where it has that.
  ///
  /// Heads are all axes but the last two of the first operand.
  public enum FusedOperation: Sendable, Hashable {
    /// softmax(q·kᵀ)·v of q [..., T, d], k [..., S, d] and v [..., S, e], where causal of the first S − T + i + 1 keys for
    /// query i → [..., T·e + 2T]: the rows of results, each query's largest score, and the reciprocal of the sum of its
    /// powers e^(score − largest). A query that sees no key, or whose scores are all −∞, has 0, 0 and 1.
    case attention(isCausal: Bool)
    /// Of q, k, v, the result of `attention` and its rows' cotangent [..., T, e]
    /// → [..., chunks·T·d + S·d + S·e]: parts of the cotangent of q, which add up to it, and the cotangents of k and v.
    case attentionGradient(isCausal: Bool, chunks: Int)

    package var name: String {
      switch self {
      case .attention: "attention"
      case .attentionGradient: "attention gradient"
      }
    }
  }

  extension Tensor {
    /// The value itself, which an engine that has a kernel for the operation may compute from the operands instead.
    package func fused(_ operation: FusedOperation, from operands: [Tensor]) -> Tensor {
      Tensor(.fused(operation), [self] + operands)
    }
  }

  extension Program {
    /// The program with each fused operation either on its operands alone, where there is a kernel for it and the type of
    /// its value, or replaced by what defines it. Nothing that is no longer needed stays.
    package func fusing(where hasKernel: (FusedOperation, DType) -> Bool) -> Program {
      let isFused = instructions.contains { if case .fused = $0.primitive { true } else { false } }
      guard isFused else { return self }
      var builder = ProgramBuilder()
      var places: [Int] = []
      for instruction in instructions {
        let operands = instruction.operands.map { places[$0] }
        switch instruction.primitive {
        case .input: places.append(builder.addInput(shape: instruction.shape, dtype: instruction.dtype))
        case .fused(let operation) where !hasKernel(operation, instruction.dtype): places.append(operands[0])
        case .fused(let operation):
          places.append(
            builder.add(
              .fused(operation), Array(operands.dropFirst()), shape: instruction.shape, dtype: instruction.dtype))
        default:
          places.append(
            builder.add(instruction.primitive, operands, shape: instruction.shape, dtype: instruction.dtype))
        }
      }
      builder.outputs = outputs.map { places[$0] }
      var program = builder.finish()
      program.updates = updates
      return program
    }
  }
#endif
