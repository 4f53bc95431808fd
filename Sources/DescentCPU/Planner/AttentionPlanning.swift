#if !hasFeature(Embedded)
  import DescentCore
  import DescentKernels

  extension Schedule {
    /// Queries, keys, values and a cotangent as [outer, inner, rows, columns] with dense rows, copied where they are not;
    /// a result of attention (of one axis fewer) dense.
    mutating func headRows(_ operands: [Int]) -> [Int] {
      let rank = value(operands[0]).shape.count
      let heads = Array(0..<(rank - 2))
      let cut = Swift.max(heads.count - 1, 0)
      return operands.map { operand in
        let planned = value(operand)
        guard planned.shape.count == rank else { return dense(operand) }
        let strides = matrixStrides(planned, heads, cut, [rank - 2], [rank - 1])
        let isDense = strides.map { $0[3] == 1 || planned.shape[rank - 1] == 1 } ?? false
        return matrix(operand, heads, cut, [rank - 2], [rank - 1], strides: isDense ? strides : nil)
      }
    }
  }

  extension Emitter {
    func emitAttention(_ operation: FusedOperation, _ position: Int, _ operands: [Int]) {
      let (query, value) = (schedule.value(operands[0]).shape, schedule.value(operands[2]).shape)
      let arguments = plan.arguments(dk_attention_arguments.self)
      (arguments.pointee.outer, arguments.pointee.inner) = (Int64(query[0]), Int64(query[1]))
      (arguments.pointee.queries, arguments.pointee.keys) = (Int64(query[2]), Int64(value[2]))
      (arguments.pointee.width, arguments.pointee.values) = (Int64(query[3]), Int64(value[3]))
      pointAtRows(&arguments.pointee.query, operands[0])
      pointAtRows(&arguments.pointee.key, operands[1])
      pointAtRows(&arguments.pointee.value, operands[2])
      point(&arguments.pointee.output, at: position)
      let kernel: dk_kernel_id
      let products: Int
      switch operation {
      case .attention(let isCausal):
        arguments.pointee.isCausal = isCausal ? 1 : 0
        (kernel, products) = (DK_ATTENTION, 2)
      case .attentionGradient(let isCausal, let chunks):
        arguments.pointee.isCausal = isCausal ? 1 : 0
        arguments.pointee.chunks = Int64(chunks)
        pointAtValue(&arguments.pointee.result, operands[3])
        pointAtRows(&arguments.pointee.cotangent, operands[4])
        (kernel, products) = (DK_ATTENTION_GRADIENT, 5)
      }
      plan.add(
        kernel, arguments, .attention(arguments.pointee, products: products), name: operation.name,
        detail: "\(query[0] * query[1]) × (\(query[2])×\(value[2])×\(query[3]))")
    }

    private func pointAtRows(_ rows: UnsafeMutablePointer<dk_head_rows>, _ operand: Int) {
      let strides = schedule.value(operand).layout.strides
      (rows.pointee.outer, rows.pointee.inner, rows.pointee.row) = (
        Int64(strides[0]), Int64(strides[1]), Int64(strides[2])
      )
      pointAtValue(&rows.pointee.data, operand)
    }
  }
#endif
