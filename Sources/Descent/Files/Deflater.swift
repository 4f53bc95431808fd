import SystemZlib

/// Packs bytes by deflate (RFC 1951), bare or in a frame.
final class Deflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private(set) var output: [UInt8] = []

  init(_ frame: Inflater.Frame = .none) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // The memory level is zlib's own default.
    let status = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, frame.rawValue, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { fatalError("zlib cannot start to pack (status \(status))") }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  func append(_ bytes: UnsafeRawBufferPointer) {
    for start in stride(from: 0, to: bytes.count, by: 1 << 30) {
      deflate(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 1 << 30, bytes.count)]), Z_NO_FLUSH)
    }
  }

  func finish() { deflate(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH) }

  private func deflate(_ bytes: UnsafeRawBufferPointer, _ flush: Int32) {
    // zlib does not write to its input, whose pointer it declares as if it did.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(bytes.count)
    var isFull = true
    while isFull {
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { piece in
        stream.pointee.next_out = piece.baseAddress
        stream.pointee.avail_out = UInt32(piece.count)
        _ = SystemZlib.deflate(stream, flush)
        output += piece[..<(piece.count - Int(stream.pointee.avail_out))]
        isFull = stream.pointee.avail_out == 0
      }
    }
  }
}

/// The CRC-32 of bytes that follow those with the given one.
func crc32(_ bytes: UnsafeRawBufferPointer, after checksum: UInt32 = 0) -> UInt32 {
  guard let start = bytes.baseAddress, !bytes.isEmpty else { return checksum }  // without bytes, zlib begins anew
  return UInt32(
    truncatingIfNeeded: crc32_z(UInt(checksum), start.assumingMemoryBound(to: UInt8.self), bytes.count))
}
