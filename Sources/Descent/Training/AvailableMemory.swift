#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How much memory this process can still take before the system would end it or come to a crawl.
package enum AvailableMemory {
  /// Bytes: on Linux what the kernel calls available, files it can forget among it, or what a control group leaves where
  /// that is less, without the swap, which training comes to a crawl on; elsewhere all there is, as what others hold can be
  /// moved out.
  package static var bytes: Double {
    let groups = text("/proc/self/cgroup").flatMap { leastOfGroups($0, file: text) }
    let free = [text("/proc/meminfo").flatMap(free), groups].compactMap(\.self).min()
    return Double(free ?? Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }

  /// As sentences say it: "23 GB", "0.7 GB".
  package static func text(ofBytes bytes: Double) -> String {
    let gigabytes = bytes / 1e9
    return gigabytes >= 10 ? "\(Int(min(gigabytes.rounded(), 1e15))) GB" : "\((10 * gigabytes).rounded() / 10) GB"
  }

  /// The available bytes that `/proc/meminfo` names.
  package static func free(meminfo: String) -> Int? { number(after: "MemAvailable:", in: meminfo).map { $0 * 1024 } }

  /// What a control group leaves: its limit without what is used but for files it can forget; nil without a limit.
  package static func left(limit: String, usage: String, statistics: String) -> Int? {
    func number(_ text: String) -> Int? { Int(text.filter { !$0.isWhitespace }) }
    guard let limit = number(limit), let usage = number(usage) else { return nil }
    let files = ["inactive_file", "active_file"].compactMap { name in
      // The first version says apart what belongs to the groups within.
      Self.number(after: "total_\(name)", in: statistics) ?? Self.number(after: name, in: statistics)
    }.reduce(0, +)
    return max(limit - max(usage - files, 0), 0)
  }

  // MARK: - Control groups

  /// The least that the control groups of a process leave, each of which lies in others.
  ///
  /// - Parameters:
  ///   - groups: what `/proc/self/cgroup` says: "0::/group" of the second version, "4:memory:/group" of the first.
  ///   - file: what stands in a file, nil where there is none.
  package static func leastOfGroups(_ groups: String, file: (String) -> String?) -> Int? {
    groups.split(separator: "\n").flatMap { line -> [Int] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[1].isEmpty || parts[1].split(separator: ",").contains("memory") else { return [] }
      let isSecond = parts[1].isEmpty
      // Above the one called high the system only slows a group down, to a crawl.
      let limits = isSecond ? ["memory.max", "memory.high"] : ["memory.limit_in_bytes"]
      let usage = isSecond ? "memory.current" : "memory.usage_in_bytes"
      var folder = "/sys/fs/cgroup\(isSecond ? "" : "/memory")"
      // In a container the path may be one outside it; what holds for all of it then stands at the top.
      return ([""] + parts[2].split(separator: "/")).flatMap { name -> [Int] in
        if !name.isEmpty { folder += "/\(name)" }
        guard let usage = file("\(folder)/\(usage)") else { return [] }
        let statistics = file("\(folder)/memory.stat") ?? ""
        return limits.compactMap { file("\(folder)/\($0)") }.compactMap {
          left(limit: $0, usage: usage, statistics: statistics)
        }
      }
    }.min()
  }

  /// The first number of the line that begins with a word.
  private static func number(after word: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count > 1 && words[0] == word { return Int(words[1]) }
    }
    return nil
  }

  /// A file of the system, whose length nobody knows before it is read.
  private static func text(_ path: String) -> String? {
    (try? readBytes(path)).map { String(decoding: $0, as: UTF8.self) }
  }
}
