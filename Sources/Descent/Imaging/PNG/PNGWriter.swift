extension Image {
  /// The bytes of a PNG file with these pixels; the same image gives the same bytes.
  public func pngBytes() -> [UInt8] {
    let color: PNGHeader.Color = [.gray, .grayAlpha, .rgb, .rgba][channels - 1]
    var header: [UInt8] = []
    header.append(bigEndian: UInt32(width))
    header.append(bigEndian: UInt32(height))
    header += [8, color.rawValue, 0, 0, 0]
    let deflater = Deflater(.zlib)
    filteredRows().withUnsafeBytes { deflater.append($0) }
    deflater.finish()
    var file = PNGHeader.signature
    file.append(chunk: .header, header)
    file.append(chunk: .pixels, deflater.output)
    file.append(chunk: .end, [])
    return file
  }

  /// Writes a PNG file, which appears complete or not at all.
  public func write(png path: String) throws(ModelFileError) {
    let bytes = pngBytes()
    try AtomicFile.writeTensors(to: path) { output throws(SystemError) in try output.write(bytes) }
  }

  /// Each row after the byte of the filter that leaves the smallest numbers, which deflate packs best.
  private func filteredRows() -> [UInt8] {
    let rowBytes = width * channels
    var result: [UInt8] = []
    result.reserveCapacity(height * (1 + rowBytes))
    pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<height {
        let filtered = PNGFilter.allCases.map { filter in
          [filter.rawValue]
            + (row * rowBytes..<(row + 1) * rowBytes).map { index in
              let hasLeft = index % rowBytes >= channels
              let left = hasLeft ? pixels[index - channels] : 0
              let up = row > 0 ? pixels[index - rowBytes] : 0
              let corner = hasLeft && row > 0 ? pixels[index - rowBytes - channels] : 0
              return pixels[index] &- filter.prediction(left, up, corner)
            }
        }
        func size(_ row: [UInt8]) -> Int { row[1...].reduce(0) { $0 + abs(Int(Int8(bitPattern: $1))) } }
        let sizes = filtered.map(size)
        result += filtered[sizes.firstIndex(of: sizes.min()!)!]
      }
    }
    return result
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: UInt32) {
    Swift.withUnsafeBytes(of: value.bigEndian) { self += $0 }
  }

  fileprivate mutating func append(chunk type: PNGChunk.Kind, _ data: [UInt8]) {
    append(bigEndian: UInt32(data.count))
    let start = count
    self += type.bytes + data
    append(bigEndian: self[start...].withUnsafeBytes { crc32($0) })
  }
}
