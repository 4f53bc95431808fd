#if !hasFeature(Embedded)
  // The kernel goes through a block of elements once for every change between elements and rows, and within such a
  // stretch hands the result of a step to the next in registers. So the steps are put in an order of few changes in
  // which a step follows the one whose result it reads, as far as possible.

  extension ElementwiseEncoder {
    mutating func orderSteps() {
      let stages = stages()
      var order: [Int] = []
      var isDone = [Bool](repeating: false, count: code.count)
      for stage in Set(stages).sorted() {
        var waiting = code.indices.filter { stages[$0] == stage }
        while !waiting.isEmpty {
          let ready = waiting.filter { index in
            code[index].operands.allSatisfy { operand in
              if case .result(let result) = operand { isDone[result] } else { true }
            }
          }
          let next = ready.first { index in order.last.map { code[index].operands.contains(.result($0)) } ?? false }
          let index = next ?? ready[0]
          isDone[index] = true
          order.append(index)
          waiting.removeAll { $0 == index }
        }
      }
      renumber(order)
    }

    /// When each step runs: even stages are of rows, odd ones of elements. A step runs as late as those that read it
    /// allow, so that little has to be kept from stage to stage.
    private func stages() -> [Int] {
      var stages = [Int](repeating: 0, count: code.count)
      for (index, step) in code.enumerated() {
        var stage = step.isForRows ? 0 : -1
        for case .result(let result) in step.operands {
          let isSameKind = code[result].isForRows == step.isForRows
          stage = Swift.max(stage, stages[result] + (isSameKind ? 0 : 1))
        }
        stages[index] = stage
      }
      var latest = [Int?](repeating: nil, count: code.count)
      for (index, step) in code.enumerated().reversed() {
        if let bound = latest[index] { stages[index] = Swift.max(stages[index], bound) }
        for case .result(let result) in step.operands {
          let bound = stages[index] - (code[result].isForRows == step.isForRows ? 0 : 1)
          latest[result] = latest[result].map { Swift.min($0, bound) } ?? bound
        }
      }
      return stages
    }

    private mutating func renumber(_ order: [Int]) {
      var place = [Int](repeating: 0, count: code.count)
      for (new, old) in order.enumerated() { place[old] = new }
      func renumbered(_ operand: Operand) -> Operand {
        if case .result(let result) = operand { .result(place[result]) } else { operand }
      }
      code = order.map { old in
        Step(op: code[old].op, isRow: code[old].isRow, operands: code[old].operands.map(renumbered))
      }
      places = places.mapValues(renumbered)
    }
  }
#endif
