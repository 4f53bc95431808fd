import DescentCore

/// The memory in which some parameters and buffers live, bound by programs that read or update it in place.
struct LiveWeights {
  let entries: [ParameterTree.Entry]
  let memory: [Memory]
  private var checkedChanges: Int
  private var detached: [String] = []

  init(_ entries: [ParameterTree.Entry]) {
    self.entries = entries
    memory = entries.map { $0.storage.liveMemory() }
    checkedChanges = Self.changes(of: entries)
  }

  /// Grows whenever one of them is set or converted, but not when a program updates it.
  var changes: Int { Self.changes(of: entries) }

  /// The paths of those that live elsewhere now, because they were converted.
  mutating func detachedPaths() -> [String] {
    let changes = changes
    guard changes != checkedChanges else { return detached }
    checkedChanges = changes
    detached = zip(entries, memory).filter { !$0.storage.lives(in: $1) }.map(\.0.path)
    return detached
  }

  private static func changes(of entries: [ParameterTree.Entry]) -> Int {
    entries.reduce(0) { $0 &+ $1.storage.changeCount }
  }
}
