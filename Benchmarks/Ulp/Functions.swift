import DescentCPU
import DescentCore
import Foundation

/// A function of float32 as the library computes it and as the C library does in double precision.
struct Function: Sendable {
  let name: String
  let apply: @Sendable (Tensor) -> Tensor
  let exact: @Sendable (Double) -> Double
}

let functions: [Function] = [
  Function(name: "exp", apply: { $0.exp() }, exact: { exp($0) }),
  Function(name: "log", apply: { $0.log() }, exact: { log($0) }),
  Function(name: "tanh", apply: { $0.tanh() }, exact: { tanh($0) }),
  Function(name: "erf", apply: { $0.erf() }, exact: { erf($0) }),
  Function(
    name: "sigmoid", apply: { $0.sigmoid() }, exact: { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }),
  Function(name: "expm1", apply: { $0.expm1() }, exact: { expm1($0) }),
  Function(name: "log1p", apply: { $0.log1p() }, exact: { log1p($0) }),
  Function(name: "sqrt", apply: { $0.sqrt() }, exact: { $0.squareRoot() }),
  Function(name: "rsqrt", apply: { $0.rsqrt() }, exact: { 1 / $0.squareRoot() }),
  Function(name: "sin", apply: { $0.sin() }, exact: { sin($0) }),
  Function(name: "cos", apply: { $0.cos() }, exact: { cos($0) }),
]
