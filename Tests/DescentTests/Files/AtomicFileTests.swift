import Descent
import Foundation
import Synchronization
import Testing

struct AtomicFileTests {
  private let old: [UInt8] = [1, 2, 3]
  private let new = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }

  @Test func aNewFileAppearsAlone() throws {
    try TestFiles.withFolder { folder in
      try AtomicFile.write(new, to: folder + "/a")
      #expect(try TestFiles.bytes(folder + "/a") == new)
      try AtomicFile.write([], to: folder + "/a")
      #expect(try TestFiles.bytes(folder + "/a") == [])
      #expect(try TestFiles.names(in: folder) == ["a"])
    }
  }

  @Test func theOldFilesPermissionsAndLinksStay() throws {
    try TestFiles.withFolder { folder in
      try AtomicFile.write(old, to: folder + "/a")
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder + "/a")
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "a")
      try AtomicFile.write(new, to: folder + "/link")
      #expect(try TestFiles.bytes(folder + "/a") == new)
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/a")
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "a")
      #expect(try TestFiles.names(in: folder) == ["a", "link"])
    }
  }

  @Test func aNameWithoutAFolderIsInTheCurrentOne() throws {
    let name = "descent-\(UUID().uuidString)"
    try AtomicFile.write(new, to: name)
    defer { try? FileManager.default.removeItem(atPath: name) }
    #expect(try TestFiles.bytes(name) == new)
  }

  @Test func realFailuresAreNamed() throws {
    try TestFiles.withFolder { folder in
      try AtomicFile.write(old, to: folder + "/a")
      let rows = [
        (folder, "it is a folder"),
        (folder + "/no/b", "no such folder"),
        (folder + "/a/b", "no such folder"),
      ]
      for (path, reason) in rows {
        #expect(throws: FileWriteError(reason: reason)) { try AtomicFile.write(new, to: path) }
      }
      #expect(try TestFiles.names(in: folder) == ["a"])
      #expect(try TestFiles.bytes(folder + "/a") == old)
    }
  }

  @Test func devicesAreWrittenToAndStayDevices() throws {
    try AtomicFile.write(new, to: "/dev/null")
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    #expect(throws: FileWriteError(reason: "no space left on device, when writing")) {
      try AtomicFile.write(new, to: "/dev/full")
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/full")
    #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
  }

  // MARK: - Each system call fails

  /// System calls of which the one numbered `failing` fails, or it and all after it.
  private final class Faults: Sendable {
    private let state = Mutex((next: 0, made: [String]()))
    private let failing: Int
    private let isPermanent: Bool
    private let code: Int32

    init(failing: Int, isPermanent: Bool, code: Int32) {
      self.failing = failing
      self.isPermanent = isPermanent
      self.code = code
    }

    var made: [String] { state.withLock { $0.made } }

    func pass(_ call: String) throws(SystemError) {
      let number = state.withLock { state in
        state.next += 1
        state.made.append(call)
        return state.next - 1
      }
      if isPermanent ? number >= failing : number == failing { throw SystemError(code: code) }
    }

    /// The system's calls, one write of at most 1000 bytes, each of which may fail instead of being made.
    var calls: FileCalls {
      let system = FileCalls.system
      var calls = system
      calls.target = { path throws(SystemError) in
        try self.pass("target")
        return try system.target(path)
      }
      calls.create = { path throws(SystemError) in
        try self.pass("create")
        return try system.create(path)
      }
      calls.setMode = { descriptor, mode throws(SystemError) in
        try self.pass("setMode")
        try system.setMode(descriptor, mode)
      }
      calls.write = { descriptor, bytes throws(SystemError) in
        try self.pass("write")
        return try system.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(1000)))
      }
      calls.sync = { descriptor throws(SystemError) in
        try self.pass("sync")
        try system.sync(descriptor)
      }
      calls.close = { descriptor throws(SystemError) in
        // A descriptor is gone even if closing it fails.
        try system.close(descriptor)
        try self.pass("close")
      }
      calls.rename = { old, new throws(SystemError) in
        try self.pass("rename")
        try system.rename(old, new)
      }
      calls.remove = { path throws(SystemError) in
        try self.pass("remove")
        try system.remove(path)
      }
      calls.syncFolder = { path throws(SystemError) in
        try self.pass("syncFolder")
        try system.syncFolder(path)
      }
      return calls
    }
  }

  private static let callsOfASave =
    [
      "target", "create", "setMode", "write", "write", "write", "write", "write", "sync", "close", "rename",
      "syncFolder",
    ]

  @Test func aSaveMakesTheseCalls() throws {
    try TestFiles.withFolder { folder in
      try AtomicFile.write(old, to: folder + "/a")
      let faults = Faults(failing: .max, isPermanent: false, code: EIO)
      try AtomicFile.write(new, to: folder + "/a", calls: faults.calls)
      #expect(faults.made == Self.callsOfASave)
    }
  }

  @Test(arguments: callsOfASave.indices, [EIO, ENOSPC, EACCES, EROFS, EDQUOT])
  func aFailedCallLeavesTheOldFile(failing: Int, code: Int32) throws {
    try TestFiles.withFolder { folder in
      try AtomicFile.write(old, to: folder + "/a")
      let faults = Faults(failing: failing, isPermanent: false, code: code)
      let error = #expect(throws: FileWriteError.self) {
        try AtomicFile.write(new, to: folder + "/a", calls: faults.calls)
      }
      #expect(error?.reason.hasPrefix(SystemError(code: code).reason + ", when ") == true)
      // Only flushing the folder comes after the new file took its place.
      let isReplaced = Self.callsOfASave[failing] == "syncFolder"
      #expect(try TestFiles.bytes(folder + "/a") == (isReplaced ? new : old))
      #expect(try TestFiles.names(in: folder) == ["a"])
    }
  }

  /// From some call on nothing works any more, as after a crash: the file is the old one or the new one.
  @Test(arguments: callsOfASave.indices)
  func aCrashLeavesOneOfTheTwo(failing: Int) throws {
    try TestFiles.withFolder { folder in
      try AtomicFile.write(old, to: folder + "/a")
      let faults = Faults(failing: failing, isPermanent: true, code: EIO)
      #expect(throws: FileWriteError.self) { try AtomicFile.write(new, to: folder + "/a", calls: faults.calls) }
      #expect([old, new].contains(try TestFiles.bytes(folder + "/a")))
    }
  }

  @Test func interruptedCallsAreMadeAgain() throws {
    try TestFiles.withFolder { folder in
      for failing in 0..<5 {
        let first = Self.callsOfASave.firstIndex(of: "write")! - 1
        let faults = Faults(failing: first + failing, isPermanent: false, code: EINTR)
        try AtomicFile.write(new, to: folder + "/\(failing)", calls: faults.calls)
        #expect(try TestFiles.bytes(folder + "/\(failing)") == new)
        #expect(faults.made.count { $0 == "write" } == 6)
      }
    }
  }

  @Test func aWriteThatMakesNoProgressFails() throws {
    try TestFiles.withFolder { folder in
      var calls = FileCalls.system
      calls.write = { _, _ throws(SystemError) in 0 }
      #expect(throws: FileWriteError(reason: SystemError(code: EIO).reason + ", when writing")) {
        try AtomicFile.write(new, to: folder + "/a", calls: calls)
      }
      let names = try TestFiles.names(in: folder)
      #expect(names.isEmpty)
    }
  }

  @Test func tablesAndTensorsNameTheFile() throws {
    let table = try Table(csvBytes: Array("a\n1\n".utf8), source: "t")
    #expect(throws: CSVError.unwritable(file: "/", reason: "it is a folder")) { try table.write(csv: "/") }
    let error = #expect(throws: ModelFileError.self) { try SafeTensors(tensors: ["a": [1]]).write(to: "/") }
    #expect(error?.description == "/: the file cannot be written (it is a folder).")
  }
}
