#if !hasFeature(Embedded)
  import DescentCore
  import DescentKernels

  extension SlidingWindow {
    /// Whether this is a sum over the pixels of many examples, as derivatives with respect to weights are: rows of the
    /// result then are channels that lie side by side, not pixels. Where channels are summed over as they lie, it never
    /// is, so that an image alone is summed in the order it is in a batch.
    func isOverPixels(_ x: PlannedValue, _ w: PlannedValue, _ result: [Int]) -> Bool {
      let (examples, channels) = (x.shape[0], x.shape[rank + 1])
      guard x.layout.strides[0] == 1 || examples == 1 else { return false }
      if channels > 1 { return x.layout.strides[rank + 1] != 1 }
      return Array(w.shape[..<rank]).elementCount > Array(result[1...rank]).elementCount
    }
  }

  extension Schedule {
    /// A convolution reads its input and, for derivatives with respect to weights, both operands where they lie.
    mutating func planConvolution(_ position: Int, _ window: SlidingWindow, _ operands: [Int]) {
      let result = program.instructions[position].shape
      let rank = window.rank
      var (x, w) = (operands[0], operands[1])
      if isLiteral(value(x).layout.root) || value(x).layout.strides.contains(where: { $0 < 0 }) { x = dense(x) }
      let isOverPixels = window.isOverPixels(value(x), value(w), result)
      if isOverPixels {
        let planned = value(w)
        let isDirect = planned.layout.strides[rank + 1] == 1 && planned.layout.strides.allSatisfy { $0 >= 0 }
        if !isDirect { w = dense(w) }
      } else {
        if value(x).layout.strides[rank + 1] != 1 { x = dense(x) }
        w = dense(w)
      }
      // Such a result is wanted as weights: [window…, inputs, outputs] in memory.
      if isOverPixels {
        let order = Array(1...rank) + [0, rank + 1]
        let strides = order.map { result[$0] }.rowMajorStrides
        values[position].layout.strides = result.indices.map { strides[order.firstIndex(of: $0)!] }
      }
      let arithmetic = products.code(convolution(window, position, [x, w]))
      kernel(position, operands: arithmetic == DK_CHAIN ? rounded([x, w]) : [x, w])
    }

    /// A convolution's arguments but for the memory.
    func convolution(_ window: SlidingWindow, _ position: Int, _ operands: [Int]) -> dk_convolution_arguments {
      let rank = window.rank
      let (x, w, y) = (value(operands[0]), value(operands[1]), value(position))
      let blocks = window.groups * window.batchGroups
      let isOverPixels = window.isOverPixels(x, w, y.shape)
      // Dense weights are told by their shape: an axis of extent 1 may have any stride, but here it counts.
      let ws = isOverPixels ? w.layout.strides : w.shape.rowMajorStrides
      let (xs, ys) = (x.layout.strides, y.layout.strides)
      let (inputs, outputs) = (w.shape[rank], w.shape[rank + 1] / blocks)
      var arguments = dk_convolution_arguments()
      arguments.dtype = y.dtype.kernelType
      arguments.overPixels = isOverPixels ? 1 : 0
      arguments.groups = Int64(blocks)
      (arguments.batch, arguments.inputs) = (Int64(y.shape[0]), Int64(inputs))
      arguments.outputs = Int64(outputs)
      /// One number for each of the three axes, those that are not there first.
      func fill<Tuple>(_ field: UnsafeMutablePointer<Tuple>, _ numbers: ArraySlice<Int>, absent: Int) {
        let field = elements(field, of: Int64.self)
        let all = [Int](repeating: absent, count: 3 - rank) + numbers
        for axis in 0..<3 { field[axis] = Int64(all[axis]) }
      }
      fill(&arguments.input, x.shape[1...rank], absent: 1)
      fill(&arguments.window, w.shape[..<rank], absent: 1)
      fill(&arguments.output, y.shape[1...rank], absent: 1)
      fill(&arguments.stride, window.strides[...], absent: 1)
      fill(&arguments.low, window.low[...], absent: 0)
      fill(&arguments.windowDilation, window.windowDilation[...], absent: 1)
      fill(&arguments.inputDilation, window.inputDilation[...], absent: 1)
      fill(&arguments.xAxis, xs[1...rank], absent: 0)
      fill(&arguments.wAxis, ws[..<rank], absent: 0)
      fill(&arguments.yAxis, ys[1...rank], absent: 0)
      arguments.xGroup = Int64(window.batchGroups > 1 ? y.shape[0] * xs[0] : inputs * xs[rank + 1])
      (arguments.xBatch, arguments.xInput) = (Int64(xs[0]), Int64(xs[rank + 1]))
      (arguments.wInput, arguments.wOutput) = (Int64(ws[rank]), Int64(ws[rank + 1]))
      arguments.wGroup = Int64(outputs * ws[rank + 1])
      (arguments.yBatch, arguments.yOutput) = (Int64(ys[0]), Int64(ys[rank + 1]))
      arguments.yGroup = Int64(outputs * ys[rank + 1])
      return arguments
    }
  }

  extension Emitter {
    func emitConvolution(_ window: SlidingWindow, _ position: Int, _ operands: [Int]) {
      let (x, w, y) = (schedule.value(operands[0]), schedule.value(operands[1]), schedule.value(position))
      let arguments = plan.arguments(dk_convolution_arguments.self)
      arguments.pointee = schedule.convolution(window, position, operands)
      pointAtValue(&arguments.pointee.x, operands[0])
      pointAtValue(&arguments.pointee.w, operands[1])
      if let epilogue = schedule.epilogues[position] {
        arguments.pointee.activation = Int32((epilogue.isReLU ? DK_RELU : DK_IDENTITY).rawValue)
        if let bias = epilogue.bias { pointAtValue(&arguments.pointee.bias, bias) }
      }
      let arithmetic = schedule.products.code(arguments.pointee)
      arguments.pointee.arithmetic = Int32(arithmetic.rawValue)
      let (chunks, count) = (arithmetic == DK_CHAIN ? chunks(arguments.pointee) : 1, y.shape.elementCount)
      if chunks > 1 {
        arguments.pointee.y = plan.buffer(byteCount: chunks * count * y.dtype.byteSize)
        (arguments.pointee.chunks, arguments.pointee.yChunk) = (Int64(chunks), Int64(count))
      } else {
        point(&arguments.pointee.y, at: schedule.resultRoot(position))
      }
      plan.add(
        DK_CONVOLUTION, arguments, .convolution(arguments.pointee, y.dtype), name: "convolution",
        detail: shapeText(x.shape) + " * " + shapeText(w.shape) + note(of: arithmetic) + epilogueNote(position))
      if let slot = constantInput(operands[1]) {
        plan.pack(slot, for: DK_CONVOLUTION, arguments, &arguments.pointee.packed)
      }
      guard chunks > 1 else { return }
      let sums = plan.arguments(dk_reduce_arguments.self)
      (sums.pointee.reduction, sums.pointee.dtype) = (Int32(DK_SUM.rawValue), y.dtype.kernelType)
      (sums.pointee.outer, sums.pointee.count, sums.pointee.inner) = (1, Int64(chunks), Int64(count))
      sums.pointee.input = UnsafeRawPointer(arguments.pointee.y)
      point(&sums.pointee.output, at: schedule.resultRoot(position))
      plan.add(
        DK_REDUCE, sums, .stream(chunks * count, y.dtype), name: "sum", detail: shapeText([1, chunks, count]))
    }

    /// Into how many chunks the examples of a sum over pixels are cut. Small windows leave threads little else to share
    /// that would not have each of them read everything. It depends on shapes alone, as bits do on it.
    private func chunks(_ a: dk_convolution_arguments) -> Int {
      let results = a.groups * a.batch * a.outputs * a.output.0 * a.output.1 * a.output.2
      let terms = a.inputs * a.window.0 * a.window.1 * a.window.2
      guard a.overPixels != 0, results * terms >= 1 << 20 else { return 1 }
      var chunks: Int64 = 16
      while chunks > 1 && (chunks > a.inputs || chunks * results > 1 << 14) { chunks /= 2 }
      return Int(chunks)
    }
  }
#endif
