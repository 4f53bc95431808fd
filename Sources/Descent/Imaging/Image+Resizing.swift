extension Image {
  /// The image in another size: each new pixel is the mean of the old ones around it, weighted by a triangle that is as
  /// wide as two pixels of the coarser of both grids (bilinear, with antialiasing where the image becomes smaller).
  public func resized(height newHeight: Int, width newWidth: Int) -> Image {
    guard newHeight > 0 && newWidth > 0 else {
      fatalError("Image: an image has at least one pixel, not \(newHeight) × \(newWidth)")
    }
    guard (newHeight, newWidth) != (height, width) else { return self }
    let (columns, rows) = (ResizingWeights(from: width, to: newWidth), ResizingWeights(from: height, to: newHeight))
    var narrowed = [Float](repeating: 0, count: height * newWidth * channels)
    var result = [UInt8](repeating: 0, count: newHeight * newWidth * channels)
    pixels.withUnsafeBufferPointer { pixels in
      narrowed.withUnsafeMutableBufferPointer { narrowed in
        for row in 0..<height {
          columns.forEach { column, first, weights in
            for channel in 0..<channels {
              var sum: Float = 0
              var source = (row * width + first) * channels + channel
              for weight in weights {
                sum += weight * Float(pixels[source])
                source += channels
              }
              narrowed[(row * newWidth + column) * channels + channel] = sum
            }
          }
        }
        let rowSize = newWidth * channels
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rowSize) { sums in
          rows.forEach { row, first, weights in
            sums.update(repeating: 0)
            for (offset, weight) in weights.enumerated() {
              let source = (first + offset) * rowSize
              for index in 0..<rowSize { sums[index] += weight * narrowed[source + index] }
            }
            for index in 0..<rowSize { result[row * rowSize + index] = UInt8(min(max(sums[index], 0), 255) + 0.5) }
          }
        }
      }
    }
    return Image(height: newHeight, width: newWidth, channels: channels, pixels: result)
  }
}

/// What each place of a row of one length takes from the places of a row of another.
private struct ResizingWeights {
  private var firsts: [Int] = []
  private var ends: [Int] = [0]
  private var weights: [Float] = []

  init(from old: Int, to new: Int) {
    let scale = Double(old) / Double(new)
    let reach = max(scale, 1)
    for place in 0..<new {
      let center = (Double(place) + 0.5) * scale
      let first = max(0, Int(center - reach + 0.5))
      let end = min(old, Int(center + reach + 0.5))
      let raw = (first..<end).map { max(0, 1 - abs(Double($0) + 0.5 - center) / reach) }
      let sum = raw.reduce(0, +)
      firsts.append(first)
      weights += raw.map { Float($0 / sum) }
      ends.append(weights.count)
    }
  }

  /// Calls `body` for each new place with the first old one it takes from, and the weights from there on.
  func forEach(_ body: (_ place: Int, _ first: Int, _ weights: UnsafeBufferPointer<Float>) -> Void) {
    weights.withUnsafeBufferPointer { weights in
      for place in firsts.indices {
        body(place, firsts[place], UnsafeBufferPointer(rebasing: weights[ends[place]..<ends[place + 1]]))
      }
    }
  }
}
