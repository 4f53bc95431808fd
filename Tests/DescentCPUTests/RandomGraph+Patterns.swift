import Descent

/// A part of a network as a function of tensors: what the planner recognises and fuses.
struct GraphPattern {
  var inputs: [Tensor]
  /// Whether its derivatives are continuous, so that rounding cannot make them jump.
  var isSmooth = true
  let function: ([Tensor]) -> Tensor
}

extension RandomGraph {
  /// The values of a pattern, its gradients or a step along them.
  mutating func pattern(on x: Tensor) -> [Tensor] {
    guard x.count > 0 else { return [x] }
    if chance(12) == 0 { return update(x) }
    var pattern = draw(on: x)
    let mode = chance(4)
    guard mode > 1 else { return [pattern.function(pattern.inputs)] }
    // Numbers drawn for the purpose do not meet a corner but for rounding.
    if !pattern.isSmooth { pattern.inputs[0] = leaf(pattern.inputs[0].shape) }
    let weight = Double(1 + chance(3)) / 4
    let slopes = gradients(at: pattern.inputs) { inputs in
      let value = pattern.function(inputs)
      return (mode == 2 ? value : value * weight + value.tanh()).mean()
    }
    if chance(2) == 0 { return slopes }
    return zip(pattern.inputs, slopes).map { $0 - weight * $1 }
  }

  private mutating func draw(on x: Tensor) -> GraphPattern {
    switch chance(16) {
    case 0: softmax(x)
    case 1: classificationLoss(x)
    case 2: regressionLoss(x)
    case 3, 4: normalization(x)
    case 5: activation(x)
    case 6, 7: attention(x)
    case 8: imageLayer(x)
    case 9: dropout(x)
    case 10: embedding(x)
    case 11, 12: perceptron(x)
    case 13: residualBlock(x)
    case 14: perExampleGradient(x)
    default: pairs(x)
    }
  }

  /// The value as rows of its last axis.
  private func matrix(_ x: Tensor) -> Tensor { x.rank == 0 ? x.reshaped([1, 1]) : x.reshaped([-1, x.shape.last!]) }

  /// As small a spread as rounding must not be magnified by; float64 has digits to spare.
  private var epsilon: Double { dtype == .float64 ? 1e-5 : 0.1 }

  private mutating func function() -> (Activation, isSmooth: Bool) {
    let smooth: [Activation] = [.sigmoid, .tanh, .gelu, .geluTanh, .silu, .mish, .softplus, .softsign, .elu]
    let others: [Activation] = [.relu, .relu, .relu, .leakyReLU, .selu]
    let isSmooth = chance(2) == 0
    let choices = isSmooth ? smooth : others
    return (choices[chance(choices.count)], isSmooth)
  }

  // MARK: Rows

  private mutating func softmax(_ x: Tensor) -> GraphPattern {
    let m = x.rank == 0 ? matrix(x) : x
    let (axis, isLog) = (chance(m.rank), chance(2) == 0)
    return GraphPattern(inputs: [m]) { isLog ? $0[0].logSoftmax(axis: axis) : $0[0].softmax(axis: axis) }
  }

  private mutating func normalization(_ x: Tensor) -> GraphPattern {
    let m = matrix(x)
    let (scale, shift) = (leaf([m.shape[1]]), leaf([m.shape[1]]))
    let (axis, kind, epsilon) = (1 - chance(3) / 2, chance(3), epsilon)
    return GraphPattern(inputs: [m, scale, shift]) { inputs in
      let centred = kind == 0 ? inputs[0] : inputs[0] - inputs[0].mean(axis: axis, keepingAxis: true)
      let variance = centred.squared().mean(axis: axis, keepingAxis: true)
      let normal = kind == 1 ? centred / (variance + epsilon).sqrt() : centred * (variance + epsilon).rsqrt()
      return normal * inputs[1] + inputs[2]
    }
  }

  private mutating func activation(_ x: Tensor) -> GraphPattern {
    let ((function, isSmooth), bias) = (function(), leaf(Array(x.shape.suffix(1))))
    return GraphPattern(inputs: [x, bias], isSmooth: isSmooth) { function($0[0] + $0[1]) }
  }

  private mutating func dropout(_ x: Tensor) -> GraphPattern {
    let (key, keep) = (RandomKey(UInt64(chance(1000))), Double(1 + chance(3)) / 4)
    return GraphPattern(inputs: [x]) { inputs in
      (key.uniform(inputs[0].shape) .< keep).select(inputs[0] / keep, 0)
    }
  }

  // MARK: Losses

  private mutating func classificationLoss(_ x: Tensor) -> GraphPattern {
    let m = matrix(x)
    let classes = indices(m.shape[1], count: m.shape[0])
    let smoothing = Double(chance(2)) / 10
    let reduction: LossReduction = [.mean, .sum, .none][chance(3)]
    return GraphPattern(inputs: [m]) { inputs in
      softmaxCrossEntropy(logits: inputs[0], targets: classes, labelSmoothing: smoothing, reduction: reduction)
    }
  }

  private mutating func regressionLoss(_ x: Tensor) -> GraphPattern {
    let (targets, kind) = (leaf(x.shape), chance(3))
    let reduction: LossReduction = [.mean, .none][chance(2)]
    return GraphPattern(inputs: [x, targets]) { inputs in
      switch kind {
      case 0: meanSquaredError(inputs[0], inputs[1], reduction: reduction)
      case 1: huber(inputs[0], inputs[1], reduction: reduction)
      default: binaryCrossEntropy(logits: inputs[0], targets: inputs[1].sigmoid(), reduction: reduction)
      }
    }
  }

  // MARK: Layers

  private mutating func perceptron(_ x: Tensor) -> GraphPattern {
    let m = matrix(x)
    let (hidden, outputs) = (1 + chance(17), 1 + chance(5))
    let parameters = [leaf([m.shape[1], hidden]), leaf([hidden]), leaf([hidden, outputs])]
    let (function, isSmooth) = function()
    return GraphPattern(inputs: [m] + parameters, isSmooth: isSmooth) { inputs in
      function(inputs[0].matmul(inputs[1] * 0.2) + inputs[2]).matmul(inputs[3] * 0.2)
    }
  }

  private mutating func residualBlock(_ x: Tensor) -> GraphPattern {
    let m = matrix(x)
    let (width, hidden) = (m.shape[1], 1 + chance(33))
    let (parameters, epsilon) = ([leaf([width]), leaf([width, hidden]), leaf([hidden, width])], epsilon)
    return GraphPattern(inputs: [m] + parameters) { inputs in
      let centred = inputs[0] - inputs[0].mean(axis: -1, keepingAxis: true)
      let normal = centred * (centred.squared().mean(axis: -1, keepingAxis: true) + epsilon).rsqrt() * inputs[1]
      return inputs[0] + (normal.matmul(inputs[2] * 0.2).gelu()).matmul(inputs[3] * 0.2)
    }
  }

  private mutating func attention(_ x: Tensor) -> GraphPattern {
    let (heads, width) = (1 + chance(2), 1 + chance(8))
    let time = Swift.min(x.count / (3 * heads * width), 1 + chance(12))
    guard time > 0 else { return softmax(x) }
    let size = heads * time * width
    let parts = (0..<3).map { part in
      let values = x.reshaped([-1])[(part * size)..<((part + 1) * size)]
      return (dtype == .float64 ? values : values.tanh()).reshaped([heads, time, width])
    }
    let mask: AttentionMask
    switch chance(3) {
    case 0: mask = .none
    case 1: mask = .causal
    default: mask = .visible(Tensor((0..<(time * time)).map { _ in chance(3) > 0 }, shape: [time, time]))
    }
    return GraphPattern(inputs: parts) { inputs in
      scaledDotProductAttention(query: inputs[0], key: inputs[1], value: inputs[2], mask: mask)
    }
  }

  private mutating func imageLayer(_ x: Tensor) -> GraphPattern {
    guard let images = images(of: x) else { return perceptron(x) }
    let channels = images.shape.last!
    let groups = [1, 2, channels][chance(3)]
    let window = images.shape.dropFirst().dropLast().map { _ in 1 + chance(3) }
    let outputs = groups * (1 + chance(2))
    let parameters = [leaf(window + [channels / groups, outputs]), leaf([outputs])]
    let ((function, isSmooth), pools) = (function(), chance(2) == 0)
    let strides = window.map { _ in 1 + chance(2) }
    return GraphPattern(inputs: [images] + parameters, isSmooth: isSmooth && !pools) { inputs in
      let y = inputs[0].convolved(with: inputs[1] * 0.2, strides: strides, padding: .same, groups: groups)
      let z = function(y + inputs[2])
      return pools ? z.maxPooled(window: window, padding: .same) : z
    }
  }

  private mutating func embedding(_ x: Tensor) -> GraphPattern {
    let m = matrix(x)
    let positions = indices(m.shape[0], count: 1 + chance(9))
    return GraphPattern(inputs: [m, leaf([m.shape[1]])]) { ($0[0].gather(positions) * $0[1]).tanh() }
  }

  /// Gradients of each row by itself.
  private mutating func perExampleGradient(_ x: Tensor) -> GraphPattern {
    let m = matrix(x)
    let weights = leaf([m.shape[1], 1 + chance(5)])
    return GraphPattern(inputs: [m, weights]) { inputs in
      vmap(over: inputs, inAxes: [0, nil]) { row in
        [gradient(at: row[0], row[1]) { ($0.matmul($1 * 0.2)).tanh().squared().mean() }.0]
      }[0]
    }
  }

  /// All rows with all rows.
  private mutating func pairs(_ x: Tensor) -> GraphPattern {
    let whole = matrix(x)
    let m = whole.shape[0] > 20 ? whole[..<20] : whole
    let isDistance = chance(2) == 0
    return GraphPattern(inputs: [m]) { inputs in
      let a = inputs[0].tanh()
      if !isDistance { return einsum("ik,jk->ij", a, a) }
      return (a.expanded(axis: 1) - a.expanded(axis: 0)).squared().sum(axis: -1)
    }
  }

  /// A parameter and its memory after an optimizer's step.
  private mutating func update(_ x: Tensor) -> [Tensor] {
    func updated(_ rule: some Optimizer) -> [Tensor] {
      let parameter = leaf(x.shape)
      let state = rule.stateNames.map { _ in leaf(x.shape).squared() + 0.1 }
      let step = rule.update(
        parameter, gradient: x, state: state, learningRate: 0.1, step: Tensor(3, dtype: dtype),
        weightDecay: rule.weightDecay)
      return [step.parameter] + step.state
    }
    switch chance(4) {
    case 0: return updated(.adam(learningRate: 0.1))
    case 1: return updated(.adamW(learningRate: 0.1, weightDecay: 0.1))
    case 2: return updated(.sgd(learningRate: 0.1, momentum: 0.9))
    default: return updated(.rmsProp(learningRate: 0.1))
    }
  }
}
