extension Image {
  /// The image in another size: each new pixel is the mean of the old ones around it, weighted by a triangle that is as
  /// wide as two pixels of the coarser of both grids (bilinear, with antialiasing where the image becomes smaller).
  public func resized(height newHeight: Int, width newWidth: Int) -> Image {
    guard newHeight > 0 && newWidth > 0 else {
      fatalError("Image: an image has at least one pixel, not \(newHeight) × \(newWidth)")
    }
    guard (newHeight, newWidth) != (height, width) else { return self }
    let (columns, rows) = (ResizingWeights(from: width, to: newWidth), ResizingWeights(from: height, to: newHeight))
    let rowSize = newWidth * channels
    var sums = [Float](repeating: 0, count: newHeight * rowSize)
    // Beside both images only one row is in memory: of a high and narrow image a wider one would be enormous.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rowSize) { narrowed in
      var unfinished = 0
      for row in 0..<height {
        narrow(row, columns, into: narrowed)
        while unfinished < newHeight && rows.places(unfinished).upperBound <= row { unfinished += 1 }
        for newRow in unfinished..<newHeight {
          guard rows.places(newRow).contains(row) else { break }
          let weight = rows.weight(of: row, in: newRow)
          sums.withUnsafeMutableBufferPointer { sums in
            for index in 0..<rowSize { sums[newRow * rowSize + index] += weight * narrowed[index] }
          }
        }
      }
    }
    let result = sums.map { UInt8(min(max($0, 0), 255) + 0.5) }
    return Image(height: newHeight, width: newWidth, channels: channels, pixels: result)
  }

  private func narrow(_ row: Int, _ columns: ResizingWeights, into target: UnsafeMutableBufferPointer<Float>) {
    pixels.withUnsafeBufferPointer { pixels in
      columns.forEach { column, first, weights in
        for channel in 0..<channels {
          var sum: Float = 0
          var source = (row * width + first) * channels + channel
          for weight in weights {
            sum += weight * Float(pixels[source])
            source += channels
          }
          target[column * channels + channel] = sum
        }
      }
    }
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
      let distances = (first..<end).map { abs(Double($0) + 0.5 - center) }
      let raw = distances.map { max(0, 1 - $0 / reach) }
      let sum = raw.reduce(0, +)
      firsts.append(first)
      weights += raw.map { Float($0 / sum) }
      ends.append(weights.count)
    }
  }

  /// The old places that a new one takes from. Both bounds grow with the new place.
  func places(_ place: Int) -> Range<Int> { firsts[place]..<firsts[place] + ends[place + 1] - ends[place] }

  func weight(of old: Int, in place: Int) -> Float { weights[ends[place] + old - firsts[place]] }

  /// Calls `body` for each new place with the first old one it takes from, and the weights from there on.
  func forEach(_ body: (_ place: Int, _ first: Int, _ weights: UnsafeBufferPointer<Float>) -> Void) {
    weights.withUnsafeBufferPointer { weights in
      for place in firsts.indices {
        body(place, firsts[place], UnsafeBufferPointer(rebasing: weights[ends[place]..<ends[place + 1]]))
      }
    }
  }
}
