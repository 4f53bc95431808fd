import DescentCore

extension OpTable {
  private static func draws(
    _ name: String, isDifferentiable: Bool = true, looseness: Double = 1, shapes: [[Int]] = [[3], [], [2, 3], [33]],
    _ function: @escaping @Sendable (RandomKey, Tensor) -> Tensor
  ) -> OpRow {
    OpRow(
      "random \(name)", [.key, .reals(0.5, 2)], shapes.map { [[2], $0] }, isDifferentiable: isDifferentiable,
      dependsOnType: true, looseness: looseness, function: { function(RandomKey(data: $0[0]), $0[1]) })
  }

  // Scaled by a tensor, so that derivatives pass through the draws to their parameters.
  static let randomRows: [OpRow] = [
    draws("bits", isDifferentiable: false) { key, x in key.bits(x.shape) },
    draws("uniform") { key, x in key.uniform(x.shape, dtype: x.dtype) * x },
    draws("uniform in a range") { key, x in key.uniform(x.shape, from: -3, to: 2, dtype: x.dtype) + x },
    draws("normal", looseness: 10) { key, x in key.normal(x.shape, dtype: x.dtype) * x },
    draws("normal with mean", looseness: 10) { key, x in
      key.normal(x.shape, mean: 3, standardDeviation: 0.5, dtype: x.dtype) + x
    },
    draws("truncated normal", looseness: 100) { key, x in
      key.truncatedNormal(x.shape, mean: 1, standardDeviation: 2, dtype: x.dtype) * x
    },
    draws("bernoulli", isDifferentiable: false) { key, x in key.bernoulli(x.shape, probability: 0.3) },
    draws("dropout") { key, x in key.bernoulli(x.shape, probability: 0.5).select(x * 2, 0) },
    draws("categorical", isDifferentiable: false, shapes: [[4], [2, 3]]) { key, x in key.categorical(logits: x) },
    draws("permutation", isDifferentiable: false, shapes: [[7], [1]]) { key, x in key.permutation(x.shape[0]) },
    draws("split") { key, x in
      let keys = key.split(3)
      return keys[2].uniform(x.shape, dtype: x.dtype) * x + keys[0].uniform(x.shape, dtype: x.dtype)
    },
    draws("fold") { key, x in key.folding(in: 5).uniform(x.shape, dtype: x.dtype) * x },
    draws("nothing", shapes: [[0]]) { key, x in key.uniform([0], dtype: x.dtype) * x },
  ]
}
