/// How stored rows and columns lie in the image that is seen: the values of EXIF's tag 0x0112.
///
/// A pixel that is seen in row r and column c is stored in row r and column c, or, if `transposes`, in row c and column r,
/// counted from the last row if `flipsRows` and from the last column if `flipsColumns`.
package enum ImageOrientation: UInt8, CaseIterable {
  case upright = 1
  case mirrored, upsideDown, mirroredUpsideDown, transposed, turnedRight, transverse, turnedLeft

  var transposes: Bool { rawValue >= 5 }
  var flipsRows: Bool { [.upsideDown, .mirroredUpsideDown, .turnedRight, .transverse].contains(self) }
  var flipsColumns: Bool { [.mirrored, .upsideDown, .transverse, .turnedLeft].contains(self) }
}

extension Image {
  /// The image as it is to be seen.
  package func seen(_ orientation: ImageOrientation) -> Image {
    guard orientation != .upright else { return self }
    let (newHeight, newWidth) = orientation.transposes ? (width, height) : (height, width)
    // How far apart in memory the pixels are that are seen one below the other, and beside each other.
    let (rowStep, columnStep) = (
      orientation.flipsRows ? -width * channels : width * channels, orientation.flipsColumns ? -channels : channels
    )
    let (down, across) = orientation.transposes ? (columnStep, rowStep) : (rowStep, columnStep)
    let start =
      (orientation.flipsRows ? (height - 1) * width * channels : 0)
      + (orientation.flipsColumns ? (width - 1) * channels : 0)
    let result = [UInt8](unsafeUninitializedCapacity: pixels.count) { result, count in
      pixels.withUnsafeBufferPointer { pixels in
        for row in 0..<newHeight {
          var source = start + row * down
          for _ in 0..<newWidth {
            for channel in 0..<channels {
              result[count] = pixels[source + channel]
              count += 1
            }
            source += across
          }
        }
      }
    }
    return Image(height: newHeight, width: newWidth, channels: channels, pixels: result)
  }
}
