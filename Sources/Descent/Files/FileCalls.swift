#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The system calls by which a file is saved, so that tests can make each of them fail.
package struct FileCalls: Sendable {
  package enum Target: Sendable, Equatable {
    case absent, folder
    /// A pipe or a device, which has no place where another file could be put.
    case stream
    /// A file with its permissions, and its path with symbolic links followed.
    case file(path: String, mode: UInt32)
  }

  package var target: @Sendable (_ path: String) throws(SystemError) -> Target
  /// Opens a file that must not exist yet.
  package var create: @Sendable (_ path: String) throws(SystemError) -> Int32
  package var open: @Sendable (_ path: String) throws(SystemError) -> Int32
  package var setMode: @Sendable (_ descriptor: Int32, _ mode: UInt32) throws(SystemError) -> Void
  /// Writes some of the bytes and says how many.
  package var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int
  package var sync: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void
  package var close: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void
  package var rename: @Sendable (_ old: String, _ new: String) throws(SystemError) -> Void
  package var remove: @Sendable (_ path: String) throws(SystemError) -> Void
  package var syncFolder: @Sendable (_ path: String) throws(SystemError) -> Void

  package static let system = FileCalls(
    target: { path throws(SystemError) in try systemTarget(path) },
    create: { path throws(SystemError) in
      try checked(systemOpen(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666))
    },
    open: { path throws(SystemError) in try checked(systemOpen(path, O_WRONLY | O_CLOEXEC, 0)) },
    setMode: { descriptor, mode throws(SystemError) in _ = try checked(fchmod(descriptor, mode_t(mode))) },
    write: { descriptor, bytes throws(SystemError) in
      try checked(systemWrite(descriptor, bytes.baseAddress, min(bytes.count, 1 << 30)))
    },
    sync: { descriptor throws(SystemError) in try systemSync(descriptor) },
    close: { descriptor throws(SystemError) in _ = try checked(systemClose(descriptor)) },
    rename: { old, new throws(SystemError) in _ = try checked(systemRename(old, new)) },
    remove: { path throws(SystemError) in _ = try checked(unlink(path)) },
    syncFolder: { path throws(SystemError) in try systemSyncFolder(path) })
}

// The members of `FileCalls` hide the functions of the C library that have their names.
private let systemOpen: @Sendable (String, Int32, mode_t) -> Int32 = { open($0, $1, $2) }
private let systemWrite: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }
private let systemClose: @Sendable (Int32) -> Int32 = { close($0) }
private let systemRename: @Sendable (String, String) -> Int32 = { rename($0, $1) }

private func checked<I: FixedWidthInteger>(_ result: I) throws(SystemError) -> I {
  if result < 0 { throw .last }
  return result
}

private func systemTarget(_ path: String) throws(SystemError) -> FileCalls.Target {
  var status = stat()
  guard stat(path, &status) == 0 else {
    if errno == ENOENT { return .absent }
    throw .last
  }
  switch status.st_mode & S_IFMT {
  case S_IFDIR: return .folder
  case S_IFREG:
    guard let resolved = realpath(path, nil) else { throw .last }
    defer { free(resolved) }
    return .file(path: String(cString: resolved), mode: UInt32(status.st_mode & 0o7777))
  default: return .stream
  }
}

private func systemSync(_ descriptor: Int32) throws(SystemError) {
  #if canImport(Darwin)
    // There, fsync leaves the bytes in the cache of the drive.
    if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
  #endif
  _ = try checked(fsync(descriptor))
}

private func systemSyncFolder(_ path: String) throws(SystemError) {
  let descriptor = try checked(systemOpen(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0))
  defer { _ = systemClose(descriptor) }
  // Some file systems cannot do this and say so; they order the operations themselves.
  if fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP { throw .last }
}
