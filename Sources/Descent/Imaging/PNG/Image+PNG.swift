extension Image {
  init(png file: PNGFile) throws(ModelFileError) {
    let header = file.header
    var rows = try file.unpackedRows()
    let hasAlpha = file.transparency != nil && header.color != .grayAlpha && header.color != .rgba
    let channels = (header.color == .palette ? 3 : header.color.samples) + (hasAlpha ? 1 : 0)
    let reader = PNGPixelReader(file, channels: channels)
    var pixels = [UInt8](repeating: 0, count: header.height * header.width * channels)
    try rows.withUnsafeMutableBufferPointer { (rows) throws(ModelFileError) in
      try pixels.withUnsafeMutableBufferPointer { (pixels) throws(ModelFileError) in
        var start = 0
        for pass in header.passes {
          let part = UnsafeMutableBufferPointer(rebasing: rows[start..<start + pass.byteCount])
          try reader.read(pass, from: part, into: pixels)
          start += pass.byteCount
        }
      }
    }
    self.init(height: header.height, width: header.width, channels: channels, pixels: pixels)
  }
}

/// Turns the rows of a PNG file into pixels of 8-bit samples.
private struct PNGPixelReader {
  let file: PNGFile
  let channels: Int
  private let header: PNGHeader
  private let colorCount: Int
  private let largest: Int
  /// The samples of transparent pixels, if there are such and no palette.
  private let transparent: [Int]?

  init(_ file: PNGFile, channels: Int) {
    self.file = file
    self.channels = channels
    header = file.header
    colorCount = file.palette.count / 3
    largest = 1 << header.depth - 1
    transparent =
      header.color == .palette
      ? nil
      : file.transparency.map { bytes in
        stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
      }
  }

  func read(
    _ pass: PNGHeader.Pass, from rows: UnsafeMutableBufferPointer<UInt8>, into pixels: UnsafeMutableBufferPointer<UInt8>
  ) throws(ModelFileError) {
    let step = max(1, header.bitsPerPixel / 8)
    var above: UnsafeMutableBufferPointer<UInt8>?
    for index in 0..<pass.height {
      let start = index * (1 + pass.rowBytes)
      guard let filter = PNGFilter(rawValue: rows[start]) else {
        throw ModelFileError(
          file.source.name, "expected a filter from 0 to 4 for a row of pixels, found \(rows[start])")
      }
      let row = UnsafeMutableBufferPointer(rebasing: rows[start + 1..<start + 1 + pass.rowBytes])
      filter.undo(row, above: above, step: step)
      above = row
      let target = ((pass.row + index * pass.rowStep) * header.width + pass.column) * channels
      let isPlain = pass.columnStep == 1 && header.depth == 8 && header.color.samples == channels
      if isPlain && header.color != .palette {
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: pixels[target..<target + row.count]))
          .copyMemory(from: UnsafeRawBufferPointer(row))
      } else {
        let targets = UnsafeMutableBufferPointer(rebasing: pixels[target...])
        try expand(row, pass, into: targets)
      }
    }
  }

  private func expand(
    _ row: UnsafeMutableBufferPointer<UInt8>, _ pass: PNGHeader.Pass, into targets: UnsafeMutableBufferPointer<UInt8>
  ) throws(ModelFileError) {
    let samples = header.color.samples
    for column in 0..<pass.width {
      let target = column * pass.columnStep * channels
      if header.color == .palette {
        let index = sample(column, of: row)
        guard index < colorCount else {
          throw ModelFileError(
            file.source.name, "a pixel has colour \(index) of a palette of \(counted(colorCount, "colour"))")
        }
        for channel in 0..<3 { targets[target + channel] = file.palette[3 * index + channel] }
        if let opacities = file.transparency { targets[target + 3] = index < opacities.count ? opacities[index] : 255 }
        continue
      }
      var isTransparent = true
      for channel in 0..<samples {
        let value = sample(column * samples + channel, of: row)
        targets[target + channel] = eightBits(value)
        if let transparent, transparent[channel] != value { isTransparent = false }
      }
      if transparent != nil { targets[target + samples] = isTransparent ? 0 : 255 }
    }
  }

  private func sample(_ index: Int, of row: UnsafeMutableBufferPointer<UInt8>) -> Int {
    switch header.depth {
    case 8: return Int(row[index])
    case 16: return Int(row[2 * index]) << 8 | Int(row[2 * index + 1])
    default:
      let bit = index * header.depth
      return Int(row[bit / 8]) >> (8 - header.depth - bit % 8) & largest
    }
  }

  private func eightBits(_ value: Int) -> UInt8 { UInt8((value * 255 + largest / 2) / largest) }
}
