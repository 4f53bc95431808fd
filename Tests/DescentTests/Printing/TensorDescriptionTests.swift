import Descent
import Testing

/// Tensors print as NumPy 2 prints the same numbers.
@Suite struct TensorDescriptionTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let tensor: Tensor
    let text: String
    var testDescription: String { text }

    init(_ tensor: Tensor, _ text: String) {
      self.tensor = tensor
      self.text = text
    }
  }

  static func double(_ values: [Double]) -> Tensor { Tensor(values, dtype: .float64) }

  static let rows: [Row] = [
    Row([[1, 2.5], [3, 4]], "tensor([[1. , 2.5],\n        [3. , 4. ]], shape: [2, 2], float32)"),
    Row(
      Tensor([1, 1e-3, 12345.678]), "tensor([1.0000000e+00, 1.0000000e-03, 1.2345678e+04], shape: [3], float32)"),
    Row(Tensor(0.1), "tensor(0.1, shape: [], float32)"),
    Row(double([0.1, .nan, -.infinity, 2]), "tensor([ 0.1,  nan, -inf,  2. ], shape: [4], float64)"),
    Row(double([1.0 / 3, 2]), "tensor([0.33333333, 2.        ], shape: [2], float64)"),
    Row(double([99_999_999.4, 1]), "tensor([9.99999994e+07, 1.00000000e+00], shape: [2], float64)"),
    Row(double([1e8, 1]), "tensor([1.e+08, 1.e+00], shape: [2], float64)"),
    Row(double([-0.0, 0, 1e-5]), "tensor([-0.e+00,  0.e+00,  1.e-05], shape: [3], float64)"),
    Row(double([1e-4, 1e-1]), "tensor([0.0001, 0.1   ], shape: [2], float64)"),
    Row(double([1.123456789, -2]), "tensor([ 1.12345679, -2.        ], shape: [2], float64)"),
    Row(double([0.999999999, 1]), "tensor([1., 1.], shape: [2], float64)"),
    Row(double([1e300, 1e-300]), "tensor([1.e+300, 1.e-300], shape: [2], float64)"),
    Row(double([.leastNonzeroMagnitude, 1]), "tensor([5.e-324, 1.e+000], shape: [2], float64)"),
    Row(Tensor([123456.789, 100000.1]), "tensor([123456.79, 100000.1 ], shape: [2], float32)"),
    Row(Tensor([-1.5e-7, 2.25e-9]), "tensor([-1.50e-07,  2.25e-09], shape: [2], float32)"),
    Row(Tensor([1, -20, 300]), "tensor([  1, -20, 300], shape: [3], int64)"),
    Row(Tensor([true, false]), "tensor([ true, false], shape: [2], bool)"),
    Row(Tensor.zeros([0, 3]), "tensor([], shape: [0, 3], float32)"),
    Row(
      Tensor.arange(0, 2000).reshaped([2, 1000]),
      "tensor([[   0,    1,    2, ...,  997,  998,  999],\n        [1000, 1001, 1002, ..., 1997, 1998, 1999]], "
        + "shape: [2, 1000], int32)"),
    Row(
      Tensor.arange(0, 4, dtype: .uint8).reshaped([2, 1, 2]),
      "tensor([[[0, 1]],\n\n        [[2, 3]]], shape: [2, 1, 2], uint8)"),
  ]

  @Test(arguments: rows)
  func printsLikeNumPy(_ row: Row) {
    #expect(row.tensor.description == row.text)
  }

  @Test func longLinesAreBroken() {
    let text = Tensor.linspace(0, 1, count: 40).description
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 130 })
    #expect(text.split(separator: "\n").count > 3)
  }
}
