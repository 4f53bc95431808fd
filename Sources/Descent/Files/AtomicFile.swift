package import DescentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a file could not be saved: what failed, and what the system said.
package struct FileWriteError: Error, Equatable, Sendable {
  package let reason: String

  package init(reason: String) { self.reason = reason }
}

/// Files that appear complete or not at all.
///
/// The bytes go into a temporary file in the same folder, which takes the place of the old file when everything is on
/// the disk: whatever happens before leaves the old file as it is. A pipe or a device is written to directly.
package enum AtomicFile {
  package static func write(
    _ bytes: [UInt8], to path: String, calls: FileCalls = .system
  ) throws(FileWriteError) {
    try write(to: path, calls: calls) { output throws(SystemError) in try output.write(bytes) }
  }

  /// Saves what `body` writes.
  package static func write(
    to path: String, calls: FileCalls = .system, _ body: (FileOutput) throws(SystemError) -> Void
  ) throws(FileWriteError) {
    switch try during("looking it up", { () throws(SystemError) in try calls.target(path) }) {
    case .folder: throw FileWriteError(reason: "it is a folder")
    case .stream: try writeStream(path, calls, body)
    case .absent: try replace(path, mode: nil, calls, body)
    case .file(let path, let mode): try replace(path, mode: mode, calls, body)
    }
  }

  /// Saves a file of tensors.
  static func writeTensors(
    to path: String, _ body: (FileOutput) throws(SystemError) -> Void
  ) throws(ModelFileError) {
    do {
      try write(to: path, body)
    } catch {
      throw ModelFileError(path, "the file cannot be written (\(error.reason))")
    }
  }

  private static func writeStream(
    _ path: String, _ calls: FileCalls, _ body: (FileOutput) throws(SystemError) -> Void
  ) throws(FileWriteError) {
    let descriptor = try during("opening it") { () throws(SystemError) in try calls.open(path) }
    do {
      try during("writing") { () throws(SystemError) in try body(FileOutput(descriptor: descriptor, calls: calls)) }
    } catch {
      try? calls.close(descriptor)
      throw error
    }
    try during("closing it") { () throws(SystemError) in try calls.close(descriptor) }
  }

  private static func replace(
    _ path: String, mode: UInt32?, _ calls: FileCalls, _ body: (FileOutput) throws(SystemError) -> Void
  ) throws(FileWriteError) {
    let folder = folder(of: path)
    let temporary = folder + "/.descent-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".tmp"
    let descriptor = try during("creating a temporary file beside it") { () throws(SystemError) in
      try calls.create(temporary)
    }
    var isOpen = true
    do {
      if let mode {
        try during("setting its permissions") { () throws(SystemError) in try calls.setMode(descriptor, mode) }
      }
      try during("writing") { () throws(SystemError) in try body(FileOutput(descriptor: descriptor, calls: calls)) }
      try during("flushing it to the disk") { () throws(SystemError) in try calls.sync(descriptor) }
      isOpen = false
      try during("closing it") { () throws(SystemError) in try calls.close(descriptor) }
      try during("putting it in place") { () throws(SystemError) in try calls.rename(temporary, path) }
    } catch {
      if isOpen { try? calls.close(descriptor) }
      try? calls.remove(temporary)
      throw error
    }
    try during("flushing its folder to the disk") { () throws(SystemError) in try calls.syncFolder(folder) }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func during<R>(
    _ action: String, _ body: () throws(SystemError) -> R
  ) throws(FileWriteError) -> R {
    do {
      return try body()
    } catch {
      let isFolderMissing = error.code == ENOENT || error.code == ENOTDIR
      throw FileWriteError(reason: isFolderMissing ? "no such folder" : "\(error.reason), when \(action)")
    }
  }
}

/// A file that is being written.
package struct FileOutput {
  fileprivate let descriptor: Int32
  fileprivate let calls: FileCalls

  package func write(_ bytes: [UInt8]) throws(SystemError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in try write(UnsafeRawBufferPointer(bytes)) }
  }

  package func write(_ memory: Memory) throws(SystemError) {
    try memory.withBytes { bytes in Result { () throws(SystemError) in try write(bytes) } }.get()
  }

  /// Writes all the bytes, however many calls it takes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = try writeSome(rest)
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  private func writeSome(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
    while true {
      do {
        let count = try calls.write(descriptor, bytes)
        if count > 0 { return count }
      } catch {
        // A signal came before anything was written.
        if error.code == EINTR { continue }
        throw error
      }
      throw SystemError(code: EIO)
    }
  }
}
