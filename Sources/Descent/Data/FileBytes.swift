#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a whole file; the C library's streams, unlike Foundation's files, also read pipes and `/dev/stdin`.
func readBytes(_ path: String) throws(CSVError) -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw readError(path, code: errno) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    bytes.append(contentsOf: chunk[..<count])
    guard count < chunk.count else { continue }
    if ferror(file) != 0 { throw readError(path, code: errno) }
    return bytes
  }
}

private func readError(_ path: String, code: Int32) -> CSVError {
  switch code {
  case ENOENT, ENOTDIR: .noSuchFile(file: path)
  case EISDIR: .isFolder(file: path)
  default: .unreadable(file: path, reason: SystemError(code: code).reason)
  }
}
