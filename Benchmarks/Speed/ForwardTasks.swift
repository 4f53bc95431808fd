import Descent

/// A network asked for the same batch of rows again and again.
struct Inference: Task {
  let layers: [Int]
  let activation: NetworkTraining.Activation
  let batch: Int

  func prepare() throws -> Prepared {
    let model = network(layers, activation)
    try model.loadCommonWeights()
    return try Prepared(model, [batch, layers[0]])
  }
}

/// A product of matrices: `nn` [m, k]·[k, n]; `nt` [m, k]·[n, k]ᵀ; `tn` [k, m]ᵀ·[k, n].
struct Product: Task {
  enum Form: String, Decodable { case nn, nt, tn }

  let form: Form
  let m: Int
  let n: Int
  let k: Int

  func prepare() throws -> Prepared {
    let factor = Noise.tensor(1, form == .nt ? [n, k] : [k, n])
    let form = form
    let product = Factor(value: factor) { x, factor in
      switch form {
      case .nn: x.matmul(factor)
      case .nt: x.matmul(factor.T)
      case .tn: x.T.matmul(factor)
      }
    }
    return try Prepared(product, form == .tn ? [k, m] : [m, k])
  }
}

/// A function of its input and a tensor that it keeps.
struct Factor: Layer {
  @Parameter var value: Tensor
  private let function: @Sendable (Tensor, Tensor) -> Tensor

  init(value: Tensor, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) {
    self.function = function
    self.value = value
  }

  func callAsFunction(_ x: Tensor) -> Tensor { function(x, value) }
}

struct RowSoftmax: Task {
  let rows: Int
  let columns: Int

  func prepare() throws -> Prepared { try Prepared(Lambda { softmax($0) }, [rows, columns]) }
}

struct RowNormalization: Task {
  let rows: Int
  let columns: Int

  func prepare() throws -> Prepared { try Prepared(LayerNorm(columns), [rows, columns]) }
}

struct Transposition: Task {
  let rows: Int
  let columns: Int

  func prepare() throws -> Prepared { try Prepared(Lambda { $0.T }, [rows, columns]) }
}

/// a = b + s·c, the usual measure of what the memory delivers.
struct Triad: Task {
  let count: Int

  func prepare() throws -> Prepared {
    try Prepared(Factor(value: Noise.tensor(1, [count])) { b, c in b + 3 * c }, [count])
  }
}

extension Prepared {
  /// Runs a compiled model on noise. Its first, middle and last outputs are compared.
  init(_ model: some Layer, _ shape: [Int], seed: Int = 0) throws {
    let bound = CompiledModel(model).bound(to: shape)
    Noise.fill(bound.inputs, seed)
    try bound.run()
    let last = bound.outputs.count - 1
    self.init(
      check: [0, last / 2, last].map { bound.outputs[$0].real },
      reset: {},
      run: { count in
        for _ in 0..<count { try bound.run() }
      })
  }
}
