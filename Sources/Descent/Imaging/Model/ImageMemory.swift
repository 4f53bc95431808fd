import DescentCore

extension Sequential {
  /// What keeps the network from telling classes of images of a shape, as a clause of a message; nil if nothing does.
  func problem(_ shape: ImageShape, classes: Int) -> String? {
    guard !readsIndices(self) else { return "a layer looks up whole numbers, but pixels are read as real ones" }
    let result: [Int]
    do {
      // Two rows, so that an extent of 1 is not taken for the batch.
      result = try Descent.outputShape(of: self, for: [2] + shape.axes, atMost: ImageShape.mostNumbers)
    } catch {
      return "the layers do not fit images of \(shape): \(error.description)"
    }
    return result == [2, classes]
      ? nil : "expected a network from images of \(shape) to \(classes) classes, found another"
  }

  /// How many images are computed at once where nothing is learned: 256, or fewer where a layer makes so much of each that
  /// all together would take more than half a gigabyte.
  func batchSize(forImagesOf shape: ImageShape) -> Int {
    let (_, calls) = observingLayers {
      withPhase(.inference) { self(Tensor.input(0, shape: [1] + shape.axes, dtype: .float32)) }
    }
    let largest = calls.map { $0.output.shape.elementCount }.max() ?? 0
    return min(max((1 << 27) / max(largest, shape.count), 1), 256)
  }
}
