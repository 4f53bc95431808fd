#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The code with which a system call failed.
package struct SystemError: Error, Equatable, Sendable {
  package let code: Int32

  package init(code: Int32) { self.code = code }

  /// What the last system call of this thread left behind.
  static var last: SystemError { SystemError(code: errno) }

  /// What the system says about the code, as it stands in the middle of a sentence.
  package var reason: String { String(cString: strerror(code)).lowercased() }
}
