#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file of tensors, read piece by piece: from the disk, or from memory where they already are.
final class ModelFileSource {
  let name: String
  let byteCount: Int
  private let bytes: Bytes

  private enum Bytes {
    case memory([UInt8])
    case file(descriptor: Int32)
  }

  init(bytes: [UInt8], name: String) {
    self.name = name
    self.bytes = .memory(bytes)
    byteCount = bytes.count
  }

  /// Opens a file. Only files have a length that can be trusted, so pipes and devices are refused.
  init(path: String) throws(ModelFileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let error = SystemError.last
      let isAbsent = error.code == ENOENT || error.code == ENOTDIR
      throw ModelFileError(path, isAbsent ? "no such file" : "the file cannot be read (\(error.reason))")
    }
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    guard isFile else {
      close(descriptor)
      throw ModelFileError(path, "expected a file, found a folder or a device")
    }
    name = path
    bytes = .file(descriptor: descriptor)
    byteCount = Int(status.st_size)
  }

  deinit {
    if case .file(let descriptor) = bytes { close(descriptor) }
  }

  func read(_ range: Range<Int>) throws(ModelFileError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: range.count)
    try result.withUnsafeMutableBufferPointer { (target) throws(ModelFileError) in
      try read(range, into: UnsafeMutableRawBufferPointer(target))
    }
    return result
  }

  /// Reads a range that is within the file.
  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(ModelFileError) {
    switch bytes {
    case .memory(let bytes): target.copyBytes(from: bytes[range])
    case .file(let descriptor):
      var done = 0
      while done < range.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: target[done..<min(range.count, done + 1 << 30)])
        let count = pread(descriptor, rest.baseAddress, rest.count, off_t(range.lowerBound + done))
        if count < 0 && errno == EINTR { continue }
        if count < 0 { throw ModelFileError(name, "the file cannot be read (\(SystemError.last.reason))") }
        if count == 0 { throw ModelFileError(name, "the file became shorter while it was read") }
        done += count
      }
    }
  }
}
