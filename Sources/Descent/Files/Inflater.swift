import SystemZlib

/// Unpacks deflated bytes (RFC 1951) a piece at a time: bare, or in the frame of gzip (RFC 1952) or zlib (RFC 1950) with
/// its checksum.
final class Inflater {
  enum Frame: Int32 {
    // What zlib calls the window's bits: the sign and the 16 say which frame to expect around one of 2^15 bytes.
    case none = -15
    case zlib = 15
    case gzip = 31
  }

  /// What zlib says is wrong with the packed bytes.
  struct Damage: Error { let reason: String }

  /// One byte, two bits at least for a copy of 258, can unpack to no more than this many.
  static let mostExpansion = 1032

  // Both stay where they are, as zlib keeps their addresses.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer

  init(_ frame: Frame) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(byteCount: 1 << 16, alignment: 16)
    let status = inflateInit2_(stream, frame.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { fatalError("zlib cannot start to unpack (status \(status))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// The packed bytes that were handed over and not yet used.
  var unused: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
  }

  /// Takes further packed bytes once all before are used; `fill` puts them into the buffer and says how many.
  func take<E: Error>(_ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int) throws(E) {
    let count = try fill(input)
    stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_in = UInt32(count)
  }

  /// Unpacks into the target as far as the bytes at hand reach.
  func unpack(into target: UnsafeMutableRawBufferPointer) throws(Damage) -> (count: Int, isAtEnd: Bool) {
    let room = min(target.count, 1 << 30)
    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(room)
    let status = inflate(stream, Z_NO_FLUSH)
    let count = room - Int(stream.pointee.avail_out)
    switch status {
    case Z_OK, Z_BUF_ERROR: return (count, false)
    case Z_STREAM_END: return (count, true)
    default: throw Damage(reason: stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)")
    }
  }

  /// Begins anew with the bytes at hand, as one gzip file may follow another.
  func restart() { inflateReset(stream) }
}
