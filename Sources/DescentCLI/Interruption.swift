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

  static var isWished: Bool { wish.load(ordering: .relaxed) }

  /// What a shell reports of a program that an interrupt ended: 128 and the number of the signal.
  static let exitCode: Int32 = 128 + SIGINT

  static func listen() {
    wish.store(false, ordering: .relaxed)  // makes the value now, which a signal handler must not do
    signal(SIGINT) { number in
      Interruption.wish.store(true, ordering: .relaxed)
      signal(number, SIG_DFL)
    }
    // Whoever started the program from a thread that takes no signals has passed that on.
    var interrupt = sigset_t()
    sigemptyset(&interrupt)
    sigaddset(&interrupt, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
  }
}
