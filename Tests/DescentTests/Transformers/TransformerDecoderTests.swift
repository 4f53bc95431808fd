import Descent
import Testing

struct TransformerDecoderTests {
  private let decoder = withSeed(3) { TransformerDecoder(8, layers: 2, heads: 2) }
  private let x = RandomKey(1).normal([1, 4, 8])
  private let memory = RandomKey(2).normal([1, 3, 8])

  private func row(_ y: Tensor, _ place: Int) -> [Float] {
    y.slice(axis: 1, from: place, count: 1).array(of: Float.self)
  }

  /// A mask replaces the causal one: what it allows of padding, and of later places, is the caller's.
  @Test func masksDecideWhatIsSeen() {
    let places = Tensor.arange(4)
    let causal = places.expanded(axis: 1) .>= places
    let y = decoder(x, memory: memory)
    let same = decoder(x, memory: memory, mask: .visible(causal))
    #expect(zip(y.array(of: Float.self), same.array(of: Float.self)).allSatisfy { abs($0 - $1) < 1e-5 })

    // The first place is seen by itself alone, so that it is as if x had no other.
    let alone = decoder(x.slice(axis: 1, from: 0, count: 1), memory: memory)
    #expect(zip(row(y, 0), row(alone, 0)).allSatisfy { abs($0 - $1) < 1e-5 })
    let whole = decoder(x, memory: memory, mask: .none)
    #expect(zip(row(whole, 0), row(alone, 0)).contains { abs($0 - $1) > 1e-3 })

    // Without the padding in front the rest is what it would be alone.
    let seen = causal .&& (places .>= 1)
    let padded = decoder(x, memory: memory, mask: .visible(seen))
    let rest = decoder(x.slice(axis: 1, from: 1, count: 3), memory: memory)
    for place in 1..<4 { #expect(zip(row(padded, place), row(rest, place - 1)).allSatisfy { abs($0 - $1) < 1e-5 }) }
  }
}
