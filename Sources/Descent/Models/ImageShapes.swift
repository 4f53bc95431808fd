import DescentCore

/// Checks that a network's images are [height, width, channels].
func requireImage(_ network: String, _ image: [Int]) {
  guard image.count == 3 && image.allSatisfy({ $0 > 0 }) else {
    fatalError("\(network): expects images as [height, width, channels], not \(text(image))")
  }
}

/// What layers make of an image. Nothing is computed.  // [height, width, channels] → […]
func shape(after layers: [any Layer], of image: [Int]) -> [Int] {
  let result = withPhase(.inference) {
    Sequential(layers)(Tensor.input(0, shape: [1] + image, dtype: .float32))
  }
  return Array(result.shape.dropFirst())
}
