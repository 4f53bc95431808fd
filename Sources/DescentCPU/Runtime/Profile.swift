#if !hasFeature(Embedded)
  import DescentCore

  #if canImport(Darwin)
    import Darwin
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Glibc)
    import Glibc
  #endif

  /// Where the time of compiled plans goes, kernel by kernel.
  ///
  /// With `DESCENT_PROFILE=1` in the environment every plan counts, and a table is printed to standard error when the
  /// process ends. Counting costs some 50 ns a kernel.
  enum Profile {
    static let isOn: Bool = {
      guard let wish = getenv("DESCENT_PROFILE"), strlen(wish) > 0, strcmp(wish, "0") != 0 else { return false }
      atexit { Profile.printTable() }
      return true
    }()

    struct Line {
      var calls = 0
      var nanoseconds: Int64 = 0
      var operations = 0.0
      var bytes = 0.0
    }

    private static let lines = Guarded<[String: Line]>([:])

    static func add(_ text: String, _ work: Work, nanoseconds: Int64) {
      lines.withLock { lines in
        var line = lines[text] ?? Line()
        line.calls += 1
        line.nanoseconds += nanoseconds
        line.operations += work.operations
        line.bytes += Double(work.bytes)
        lines[text] = line
      }
    }

    private static func printTable() {
      let lines = lines.withLock { lines in lines }
      let total = Swift.max(lines.values.reduce(Int64(0)) { $0 + $1.nanoseconds }, 1)
      let peak = Peak.measured()
      print("share  calls        µs each  GFLOP/s  of peak     GB/s  kernel")
      for (text, line) in lines.sorted(by: { $0.value.nanoseconds > $1.value.nanoseconds }) {
        let time = Double(Swift.max(line.nanoseconds, 1))
        let rate = line.operations / time
        print(
          "\(padded(100 * Double(line.nanoseconds) / Double(total), 1, 4))% \(padded(Double(line.calls), 0, 6))"
            + " \(padded(time / Double(line.calls) / 1000, 2, 14)) "
            + (rate > 0 ? "\(padded(rate, 1, 8)) \(padded(100 * rate / peak.gigaflops, 0, 7))%" : "                 ")
            + " \(padded(line.bytes / time, 1, 8))  \(text)")
      }
      print(
        "total \(padded(Double(total) / 1e6, 3, 0)) ms, \(Engine.threadCount) threads; this machine's best product of vectors"
          + " \(padded(peak.gigaflops, 0, 0)) GFLOP/s, its best copy \(padded(peak.gigabytes, 1, 0)) GB/s")
    }

    private static func print(_ text: String) {
      let line = text + "\n"
      _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }

    private static func padded(_ value: Double, _ digits: Int, _ width: Int) -> String {
      var scale = 1.0
      for _ in 0..<digits { scale *= 10 }
      let scaled = Int((value * scale).rounded())
      var text = String(scaled / Int(scale))
      if digits > 0 {
        let fraction = String(scaled % Int(scale))
        text += "." + String(repeating: "0", count: digits - fraction.count) + fraction
      }
      return String(repeating: " ", count: Swift.max(0, width - text.count)) + text
    }
  }
#endif
