#if !hasFeature(Embedded)
  import DescentCore

  extension AttentionPlan {
    /// For fewer queries or keys, laying them out for a kernel costs more than it spares.
    private static let leastRows = 32

    /// Whether there may be a kernel for inputs like these.
    func hasFusedForm(_ inputs: [Tensor]) -> Bool {
      queries >= AttentionPlan.leastRows && keys >= AttentionPlan.leastRows && inputs.count == 3
        && inputs.allSatisfy { $0.dtype == .float32 && $0.shape.elementCount > 0 }
    }

    /// Everything that the gradient wants of the way forward, as `FusedOperation.attention` lays it out. Who asks for it
    /// again gets the same instructions, which a program has once.
    private func fusedResult(_ inputs: [Tensor]) -> Tensor {
      let (output, largest, reciprocal) = results(inputs)
      let parts = [output, largest, reciprocal].map { flat($0) }
      return Tensor.concatenate(parts, axis: -1).fused(.attention(isCausal: isCausal), from: inputs)
    }

    func fusedOutput(_ inputs: [Tensor]) -> Tensor {
      let width = inputs[2].shape.last!
      let shape = Array(inputs[0].shape.dropLast()) + [width]
      return fusedResult(inputs).split([queries * width, 2 * queries], axis: -1)[0].reshaped(shape)
    }

    func fusedCotangents(_ inputs: [Tensor], _ output: Tensor, _ cotangent: Tensor) -> [Tensor] {
      let chunks = self.chunks(heads: Array(inputs[0].shape.dropLast(2)).elementCount)
      let composed = cotangents(inputs, output, cotangent).map { flat($0) }
      let size = composed[0].shape.last!
      let unused = (1..<chunks).map { _ in Tensor.zeros(like: composed[0]) }
      let parts = Tensor.concatenate([composed[0]] + unused + composed[1...], axis: -1)
        .fused(
          .attentionGradient(isCausal: isCausal, chunks: chunks), from: inputs + [fusedResult(inputs), cotangent]
        )
        .split([Int](repeating: size, count: chunks) + composed[1...].map { $0.shape.last! }, axis: -1)
      let queryCotangent = parts[1..<chunks].reduce(parts[0]) { $0 + $1 }
      return zip([queryCotangent] + parts[chunks...], inputs).map { $0.reshaped($1.shape) }
    }

    /// Into how many parts the keys of a head are divided, so that threads find enough to do. It must not depend on their
    /// number.
    private func chunks(heads: Int) -> Int {
      Swift.max(1, Swift.min((8 + heads - 1) / heads, keys / 256))
    }
  }

  /// The last two axes as one.
  private func flat(_ x: Tensor) -> Tensor {
    x.reshaped(Array(x.shape.dropLast(2)) + [x.shape[x.rank - 2] * x.shape[x.rank - 1]])
  }
#endif
