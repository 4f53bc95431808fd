import Descent
import DescentCPU
import Foundation
import Testing

/// In inference an example alone gives the bits it gives in any batch, whatever else is in the batch and however many
/// threads share the work.
@Suite struct RowIndependenceTests {
  /// Of all families of instructions together; the environment variable DESCENT_ROW_CASES asks for more.
  static let caseCount = ProcessInfo.processInfo.environment["DESCENT_ROW_CASES"].flatMap { UInt64($0) } ?? 10_000

  /// As the library uses them by default, and held to so many threads that share even the smallest work.
  private static let threadCounts: [Int?] = [nil, 1, 2, 3, 7]

  @Test(arguments: InstructionSet.available)
  func aRowAloneIsTheRowInAnyBatch(_ instructions: InstructionSet) throws {
    let engines = Self.threadCounts.map { Engine.cpu(instructions, threads: $0) }
    var failed: Set<RowFunctionSource.Family> = []
    let share = Self.caseCount / UInt64(InstructionSet.available.count) + 1
    let first = share * UInt64(instructions.rawValue)
    for seed in first..<(first + share) {
      let family = RowFunctionSource.Family.allCases[Int(seed) % RowFunctionSource.Family.allCases.count]
      var draw = RowFunctionSource(seed: seed, dtype: seed % 7 == 0 ? .float64 : .float32)
      let function = draw.draw(family)
      var trial = RowTrial(function, draw, engines)
      if let difference = try trial.difference(), failed.insert(family).inserted {
        Issue.record("\(family), seed \(seed), a row of \(function.rowShape): \(difference)")
      }
    }
  }

  @Test func aFunctionThatMixesRowsIsFound() throws {
    for mixed in [{ (x: Tensor) in x + x.sum(axis: 0) }, { x in x / (1 + x.max(axis: 0).abs()) }] {
      let draw = RowFunctionSource(seed: 1, dtype: .float32)
      var trial = RowTrial(RowFunction(rowShape: [9], apply: mixed), draw, [.cpu])
      #expect(try trial.difference() != nil)
    }
  }
}

/// One row in a batch, alone, and among others that may hold anything.
private struct RowTrial {
  private let function: RowFunction
  private var draw: RowFunctionSource
  private let engines: [Engine]
  private let mostRows: Int

  init(_ function: RowFunction, _ draw: RowFunctionSource, _ engines: [Engine]) {
    self.function = function
    self.draw = draw
    self.engines = engines
    mostRows = max(2, min(70, 20_000 / function.rowShape.reduce(1, *)))
  }

  /// What differs, if anything does.
  mutating func difference() throws -> String? {
    let rows = 2 + draw.below(mostRows - 1)
    let index = draw.below(rows)
    let batch = values(rows)
    let size = batch.byteCount / rows
    let row = batch.withBytes { Array($0[(index * size)..<((index + 1) * size)]) }
    let (whole, batchText) = try result(batch, [rows])
    let expected = Array(whole[(index * (whole.count / rows))..<((index + 1) * (whole.count / rows))])

    let alone = memory([row])
    let (one, oneText) = try result(alone, [1])
    guard one == expected else { return "row \(index) of \(rows)\(batchText) is another alone\(oneText)" }
    if function.takesOneRow {
      let (bare, bareText) = try result(alone, [])
      guard bare == expected else {
        return "row \(index) of \(rows)\(batchText) is another without a batch axis\(bareText)"
      }
    }
    let count = 1 + draw.below(mostRows)
    let place = draw.below(count)
    let other = stranger(like: batch, count: batch.count / rows)
    let (among, amongText) = try result(memory((0..<count).map { $0 == place ? row : other }), [count])
    let found = among[(place * (among.count / count))..<((place + 1) * (among.count / count))]
    guard found.elementsEqual(expected) else {
      return "row \(index) of \(rows)\(batchText) is another as row \(place) of \(count)\(amongText)"
    }
    return nil
  }

  private mutating func result(_ input: Memory, _ rows: [Int]) throws -> ([UInt8], String) {
    let number = draw.below(engines.count)
    let output = try engines[number].compute([function.apply(Tensor(input, shape: rows + function.rowShape))])[0]
    return (output.withBytes { Array($0) }, " (engine \(number))")
  }

  private mutating func values(_ rows: Int) -> Memory {
    let shape = [rows] + function.rowShape
    guard let vocabulary = function.vocabulary else { return draw.numbers(shape, scale: 1).memory }
    return Memory((0..<shape.reduce(1, *)).map { _ in Int32(draw.below(vocabulary)) })
  }

  /// A row of numbers that spoil whatever they are mixed with.
  private mutating func stranger(like batch: Memory, count: Int) -> [UInt8] {
    let row = Memory(batch.dtype, count: count)
    let numbers: [Double] =
      function.vocabulary != nil ? [0] : [.nan, .infinity, -.infinity, 3e38, -3e38, 1e-40, 0, -0.0]
    let first = draw.below(numbers.count)
    for index in 0..<count { row[index] = .real(numbers[(first + index) % numbers.count]) }
    return row.withBytes { Array($0) }
  }

  private func memory(_ rows: [[UInt8]]) -> Memory {
    let dtype: DType = function.vocabulary != nil ? .int32 : draw.dtype
    let memory = Memory(dtype, count: rows.count * rows[0].count / dtype.byteSize)
    memory.withMutableBytes { $0.copyBytes(from: rows.joined()) }
    return memory
  }
}
