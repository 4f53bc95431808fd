import ArgumentParser
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C as a wish to stop at a good place; a second one ends the program at once.
enum Interruption {
  private static let wish = Atomic(false)
  private static let isAnnounced = Atomic(false)
  private static let isOnTerminal = Atomic(false)

  static var isWished: Bool { wish.load(ordering: .relaxed) }

  /// Ends a command that is done, wished for or not. Who interrupts one of several commands means those that follow too,
  /// however far it had come.
  ///
  /// - Throws: what a shell reports of a program that an interrupt ended: 128 and the number of the signal.
  static func passOn() throws(ExitCode) {
    if isWished { throw ExitCode(128 + SIGINT) }
  }

  /// - Parameter announces: whether the first one is answered at once, on standard error: until a step is done, and the
  ///   network tested, minutes may pass.
  static func listen(announces: Bool = false) {
    // These make the values now, which a signal handler must not do.
    wish.store(false, ordering: .relaxed)
    isAnnounced.store(announces, ordering: .relaxed)
    isOnTerminal.store(isatty(2) == 1, ordering: .relaxed)
    signal(SIGINT) { number in
      signal(number, SIG_DFL)
      // Whoever reads what is written may have ended by the same interrupt, which is no reason to end before the model is
      // written.
      signal(SIGPIPE, SIG_IGN)
      Interruption.wish.store(true, ordering: .relaxed)
      if Interruption.isAnnounced.load(ordering: .relaxed) { Interruption.announce() }
    }
    // Whoever started the program from a thread that takes no signals has passed that on.
    var interrupt = sigset_t()
    sigemptyset(&interrupt)
    sigaddset(&interrupt, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
  }

  /// Says what will happen by nothing but `write`, which a signal handler may call, and leaves `errno` to what was
  /// interrupted.
  private static func announce() {
    let (known, line) = (errno, "\n" as StaticString)
    let sentence: StaticString =
      "Interrupted: the best network so far is tested and written; Ctrl-C once more ends at once, without it.\n"
    // A terminal shows ^C at the end of what stands there.
    if isOnTerminal.load(ordering: .relaxed) { _ = write(2, line.utf8Start, line.utf8CodeUnitCount) }
    _ = write(2, sentence.utf8Start, sentence.utf8CodeUnitCount)
    errno = known
  }
}
