import DescentCore
import Foundation

extension OpTable {
  /// The sum over every assignment of positions to labels, in full: `a,b->c` with every label of the result named.
  private static func sumOfProducts(_ subscripts: String, _ arrays: [HostArray]) -> HostArray {
    let sides = subscripts.components(separatedBy: "->")
    let terms = sides[0].components(separatedBy: ",").map { Array($0) }
    let result = Array(sides[1])
    var extents: [Character: Int] = [:]
    for (term, array) in zip(terms, arrays) {
      for (label, extent) in zip(term, array.shape) where extents[label] ?? 1 == 1 { extents[label] = extent }
    }
    let summed = extents.keys.filter { !result.contains($0) }
    return HostArray(result.map { extents[$0]! }) { position in
      HostArray.positions(of: summed.map { extents[$0]! }).reduce(0.0) { sum, inner in
        let places = Dictionary(
          uniqueKeysWithValues: Array(zip(result, position)) + Array(zip(summed, inner)))
        return sum
          + zip(terms, arrays).reduce(1.0) { product, factor in
            product * factor.1[zip(factor.0, factor.1.shape).map { $1 == 1 ? 0 : places[$0]! }]
          }
      }
    }
  }

  /// `subscripts` as given to the library, and the same with nothing left out.
  private static func einsumRow(_ subscripts: String, _ full: String? = nil, _ shapes: [[Int]]...) -> OpRow {
    OpRow(
      "einsum \(subscripts)", shapes[0].map { _ in .reals(-2, 2) }, shapes, integerTypes: integersAndBool,
      looseness: 3, reference: { sumOfProducts(full ?? subscripts, $0) }, function: { einsum(subscripts, $0) })
  }

  static let einsumRows: [OpRow] = [
    einsumRow("ij,jk->ik", nil, [[2, 3], [3, 4]], [[2, 0], [0, 3]], [[1, 1], [1, 1]]),
    einsumRow("ij,jk", "ij,jk->ik", [[2, 3], [3, 4]]),
    einsumRow(" i j , j k -> i k ", "ij,jk->ik", [[2, 3], [3, 4]]),
    einsumRow("ba", "ba->ab", [[2, 3]]),
    einsumRow("bA", "bA->Ab", [[2, 3]]),
    einsumRow("ijk->kij", nil, [[2, 3, 4]]),
    einsumRow("ij->", nil, [[2, 3]], [[0, 3]]),
    einsumRow("ij->j", nil, [[2, 3]]),
    einsumRow("ii->i", nil, [[3, 3]]),
    einsumRow("ii", "ii->", [[3, 3]], [[0, 0]]),
    einsumRow("ijij->ji", nil, [[2, 3, 2, 3]]),
    einsumRow("iij->j", nil, [[2, 2, 3]]),
    einsumRow("iii->i", nil, [[2, 2, 2]]),
    einsumRow("i,j->ij", nil, [[2], [3]]),
    einsumRow("i,i", "i,i->", [[5], [5]]),
    einsumRow("i,i,i->i", nil, [[4], [4], [4]]),
    einsumRow(",i->i", nil, [[], [3]]),
    einsumRow("ij,ij->ij", nil, [[2, 3], [2, 3]]),
    einsumRow("ij,ji->j", nil, [[2, 3], [3, 2]]),
    einsumRow("ij,kl->", nil, [[2, 3], [2, 2]]),
    einsumRow("iia,a->i", nil, [[2, 2, 3], [3]]),
    einsumRow("bij,bjk->ikb", nil, [[2, 2, 3], [2, 3, 2]]),
    einsumRow("bqhd,bkhd->bhqk", nil, [[2, 2, 2, 3], [2, 4, 2, 3]]),
    einsumRow("ijk,jk->i", nil, [[2, 3, 2], [3, 2]]),
    einsumRow("i,ij,j->", nil, [[2], [2, 3], [3]]),
    einsumRow("abc,cd,de->abe", nil, [[2, 1, 3], [3, 2], [2, 2]]),
    einsumRow("...ij,...jk->...ik", "xyij,yjk->xyik", [[2, 1, 2, 3], [4, 3, 2]]),
    einsumRow("...ij,...jk", "xij,xjk->xik", [[2, 2, 3], [1, 3, 2]]),
    einsumRow("i...,...->...i", "ixy,y->xyi", [[2, 3, 2], [2]]),
    einsumRow("...i,...i->...", "i,i->", [[3], [3]]),
  ]
}
