import DescentCore
import DescentKernels

/// What a call moves, for the profile and to tell what is worth sharing.
extension Emitter {
  func bytesMoved(_ encoder: ElementwiseEncoder, _ shape: [Int], storing stored: [Int]) -> Int {
    var bytes = 0
    for input in encoder.inputs { bytes += moved(input, shape) }
    for value in stored { bytes += schedule.value(value).shape.elementCount * schedule.value(value).dtype.byteSize }
    return bytes
  }

  /// Of what a pass reads, the bytes that the run itself computed.
  func freshBytes(_ encoder: ElementwiseEncoder, _ shape: [Int]) -> Int {
    var bytes = 0
    #if !hasFeature(Embedded)
      for input in encoder.inputs {
        if case .bound(let slot)? = storage.places[input.layout.root], slot < program.inputs.count { continue }
        bytes += moved(input, shape)
      }
    #endif
    return bytes
  }

  /// Bytes of an input that a pass over a shape reads, those it broadcasts once.
  private func moved(_ input: ElementwiseEncoder.Input, _ shape: [Int]) -> Int {
    let layout = input.layout
    var count = schedule.value(layout.root).dtype.byteSize
    if input.isRow { return count * schedule.value(layout.root).shape.elementCount }
    for axis in shape.indices where layout.strides[axis] != 0 { count *= shape[axis] }
    return count
  }

  /// The operations of a group, each with how often it occurs.
  func names(_ group: ElementwiseGroup) -> String {
    var names: [String] = []
    var counts: [Int] = []
    for position in group.instructions {
      let name = program.instructions[position].primitive.name
      if let index = names.firstIndex(of: name) {
        counts[index] += 1
      } else {
        names.append(name)
        counts.append(1)
      }
    }
    var text = ""
    for index in names.indices {
      text += (index > 0 ? " " : "") + names[index] + (counts[index] > 1 ? "×\(counts[index])" : "")
    }
    return text
  }

  func note(of arithmetic: dk_arithmetic) -> String {
    switch arithmetic {
    case DK_CHAIN: ""
    case DK_PIECES: " in pieces"
    default: " in bfloat16"
    }
  }

  /// What a product's kernel does besides.
  func epilogueNote(_ position: Int) -> String {
    #if hasFeature(Embedded)
      return ""
    #else
      guard let epilogue = schedule.epilogues[position] else { return "" }
      return (epilogue.bias == nil ? "" : " + bias") + (epilogue.residual == nil ? "" : " + residual")
        + (epilogue.isReLU ? ", ReLU" : "")
    #endif
  }

  func shapeText(_ shape: [Int]) -> String {
    var text = "["
    for (index, extent) in shape.enumerated() { text += (index > 0 ? ", " : "") + String(extent) }
    return text + "]"
  }
}
