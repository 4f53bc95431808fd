import DescentCore

// Layers that look something up take whole numbers, which a network read from a file may not be given.

extension Embedding: ShapeChecking {
  func outputShape(for shape: [Int]) -> [Int] { shape + [width] }
}

/// Whether any layer of a network looks up whole numbers.
func readsIndices(_ layer: any Layer) -> Bool {
  switch layer {
  case is Embedding, is GPT: true
  case let layer as Sequential: layer.layers.contains { readsIndices($0) }
  case let layer as Residual: readsIndices(layer.body) || layer.shortcut.map { readsIndices($0) } ?? false
  case let layer as Recomputed: readsIndices(layer.body)
  default: false
  }
}
