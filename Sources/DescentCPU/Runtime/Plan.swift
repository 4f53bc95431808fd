import DescentCore
import DescentKernels

/// A compiled program: a flat list of kernel calls over memory planned once.
///
/// Running it patches the pointers to memory bound this time, where that changed, and makes the calls. It allocates
/// nothing.
final class Plan: @unchecked Sendable {
  private let level: dk_level
  private let fixedThreads: Int?
  private var commands: [dk_command] = []
  private var names: [String] = []
  private var blocks: [UnsafeMutableRawPointer] = []
  #if !hasFeature(Embedded)
    private var notes: [(text: String, work: Work)] = []
  #endif
  /// The time each command took in the last run, in nanoseconds, where that is measured.
  private var spent: [Int64] = []

  /// A pointer field that must follow memory bound at each run.
  private struct Relocation {
    let field: UnsafeMutableRawPointer
    let slot: Int
    let byteOffset: Int
  }
  private var relocations: [Relocation] = []
  private var boundAddresses: [UInt]

  #if !hasFeature(Embedded)
    private var packedInputs: [PackedInput] = []
  #endif

  private static let alwaysShared: Int64 = 1 << 40

  let arenaBytes: Int
  private let arena: UnsafeMutableRawPointer
  private let staging: UnsafeMutableRawPointer
  private var stagingUsed = 0
  private let literals: [Memory]
  private var scratchBytes = 64
  private var contexts: [dk_context] = []
  private let turn = Guarded(0)

  init(program: Program, storage: StoragePlan, stagingBytes: Int, level: dk_level, threads: Int?) {
    self.level = level
    fixedThreads = threads
    arenaBytes = max(storage.arenaBytes, 64)
    arena = .allocate(byteCount: arenaBytes, alignment: 64)
    staging = .allocate(byteCount: max(stagingBytes, 64), alignment: 64)
    literals = storage.literals.map { literal in
      let memory = Memory(literal.dtype, count: 1)
      memory[0] = literal.value
      return memory
    }
    boundAddresses = [UInt](repeating: 0, count: program.inputs.count + program.outputs.count)
  }

  deinit {
    for block in blocks { block.deallocate() }
    arena.deallocate()
    staging.deallocate()
    for context in contexts { context.scratch.deallocate() }
    #if !hasFeature(Embedded)
      for input in packedInputs { input.deallocate() }
    #endif
  }

  // MARK: Building

  /// A zeroed argument block that lives as long as the plan.
  func arguments<T>(_ type: T.Type) -> UnsafeMutablePointer<T> {
    let block = UnsafeMutableRawPointer.allocate(byteCount: MemoryLayout<T>.size, alignment: 16)
    block.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<T>.size)
    blocks.append(block)
    return block.assumingMemoryBound(to: type)
  }

  /// Memory that lives as long as the plan, for what one call hands to the next.
  func buffer(byteCount: Int) -> UnsafeMutableRawPointer {
    let block = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    blocks.append(block)
    return block
  }

  /// Adds a call: the name of the operation, and for the profile what it works on.
  func add<T>(
    _ kernel: dk_kernel_id, _ arguments: UnsafeMutablePointer<T>, _ work: Work, name: String,
    detail: @autoclosure () -> String = ""
  ) {
    commands.append(
      dk_command(
        function: dk_kernel(kernel, level), arguments: UnsafeRawPointer(arguments),
        nanoseconds: fixedThreads == nil ? Int64(work.nanoseconds) : Plan.alwaysShared))
    names.append(name)
    #if !hasFeature(Embedded)
      if Profile.isOn {
        notes.append((name + " " + detail(), work))
        spent.append(0)
      }
    #endif
    scratchBytes = max(scratchBytes, Int(dk_scratch_bytes(kernel, arguments)))
  }

  #if !hasFeature(Embedded)
    /// Lets a call that was added read an input from a copy, where that gains.
    func pack<T>(
      _ slot: Int, for kernel: dk_kernel_id, _ arguments: UnsafeMutablePointer<T>,
      _ field: UnsafeMutablePointer<UnsafeRawPointer?>
    ) {
      let byteCount = Int(dk_packed_bytes(kernel, arguments))
      guard byteCount > 0 else { return }
      packedInputs.append(
        PackedInput(
          slot: slot, byteCount: byteCount, kernel: kernel, arguments: UnsafeRawPointer(arguments), field: field))
    }
  #endif

  /// The memory that the plan holds between runs, or will.
  var heldBytes: Int {
    #if hasFeature(Embedded)
      return arenaBytes
    #else
      return packedInputs.reduce(arenaBytes) { $0 + $1.byteCount }
    #endif
  }

  func resolve(_ field: UnsafeMutableRawPointer, _ place: Place, byteOffset: Int) {
    switch place {
    case .arena(let offset): set(field, UInt(bitPattern: arena) + UInt(offset), byteOffset)
    case .literal(let index): set(field, UInt(bitPattern: literals[index].bytes), byteOffset)
    case .bound(let slot): relocations.append(Relocation(field: field, slot: slot, byteOffset: byteOffset))
    }
  }

  func reserveStaging(_ bytes: Int) -> Int {
    defer { stagingUsed += (bytes + 63) & ~63 }
    return stagingUsed
  }

  func resolveStaging(_ field: UnsafeMutableRawPointer, _ offset: Int) {
    set(field, UInt(bitPattern: staging) + UInt(offset), 0)
  }

  /// Working memory for so many threads.
  private func provide(threads: Int) {
    while contexts.count < threads {
      var context = dk_context()
      context.scratch = .allocate(byteCount: scratchBytes, alignment: 64)
      contexts.append(context)
    }
  }

  private func set(_ field: UnsafeMutableRawPointer, _ address: UInt, _ byteOffset: Int) {
    field.storeBytes(of: UInt(bitPattern: Int(bitPattern: address) + byteOffset), as: UInt.self)
  }

  // MARK: Running

  func run(_ inputs: [Memory], _ outputs: [Memory]) throws(EvaluationError) {
    let failure = turn.withLock { _ in execute(inputs, outputs) }
    if let failure { throw failure }
  }

  private func execute(_ inputs: [Memory], _ outputs: [Memory]) -> EvaluationError? {
    var moved = false
    for (slot, memory) in inputs.enumerated() { moved = bind(slot, memory) || moved }
    for (index, memory) in outputs.enumerated() { moved = bind(inputs.count + index, memory) || moved }
    if moved {
      for relocation in relocations {
        set(relocation.field, boundAddresses[relocation.slot], relocation.byteOffset)
      }
    }
    let threads = fixedThreads.map { Int32($0) } ?? dk_threads()
    provide(threads: Int(threads))
    #if !hasFeature(Embedded)
      var index = 0  // a loop over indices would retain the array at every run
      while index < packedInputs.count {
        packedInputs[index].follow(inputs[packedInputs[index].slot], scratch: contexts[0].scratch)
        index += 1
      }
    #endif
    for index in spent.indices { spent[index] = 0 }
    let stopped = commands.withUnsafeBufferPointer { commands in
      contexts.withUnsafeMutableBufferPointer { contexts in
        spent.withUnsafeMutableBufferPointer { spent in
          dk_run(
            commands.baseAddress, Int64(commands.count), contexts.baseAddress, threads,
            spent.isEmpty ? nil : spent.baseAddress)
        }
      }
    }
    #if !hasFeature(Embedded)
      for (note, time) in zip(notes, spent) { Profile.add(note.text, note.work, nanoseconds: time) }
    #endif
    guard stopped >= 0 else { return nil }
    let detail = contexts[0].detail
    return EvaluationError.indexOutOfRange(names[Int(stopped)], index: Int(detail.0), extent: Int(detail.1))
  }

  private func bind(_ slot: Int, _ memory: Memory) -> Bool {
    let address = UInt(bitPattern: memory.bytes)
    if boundAddresses[slot] == address { return false }
    boundAddresses[slot] = address
    return true
  }
}
