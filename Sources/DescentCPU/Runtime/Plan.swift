import DescentCore
import DescentKernels

/// A compiled program: a flat list of kernel calls over memory planned once.
///
/// Running it patches the pointers to memory bound this time, where that changed, and makes the calls. It allocates
/// nothing.
final class Plan: @unchecked Sendable {
  private let level: dk_level
  private let fixedThreads: Int?
  private var names: [String] = []
  private var blocks: [UnsafeMutableRawPointer] = []
  #if !hasFeature(Embedded)
    private var notes: [(text: String, work: Work)] = []
  #endif

  /// A pointer field that must follow memory bound at each run.
  private struct Relocation {
    let field: UnsafeMutableRawPointer
    let slot: Int
    let byteOffset: Int
  }

  /// What a run works with.
  private struct Running {
    var commands: [dk_command] = []
    var relocations: [Relocation] = []
    var boundAddresses: [UInt]
    var contexts: [dk_context] = []
    /// The time each command took in the last run, in nanoseconds, where that is measured.
    var spent: [Int64] = []
    #if !hasFeature(Embedded)
      var packedInputs: [PackedInput] = []
    #endif
  }
  /// Behind a pointer, because every use of a variable of a class is checked against overlapping ones as the program
  /// runs, which in a small network would cost as much as its arithmetic. The turn sees to it that none overlap.
  private let running: UnsafeMutablePointer<Running>

  private static let alwaysShared: Int64 = 1 << 40

  let arenaBytes: Int
  private let arena: UnsafeMutableRawPointer
  private let staging: UnsafeMutableRawPointer
  private var stagingUsed = 0
  private let literals: [Memory]
  private var scratchBytes = 64
  #if !hasFeature(Embedded)
    /// Of all packed inputs; they themselves change while a run holds its turn.
    private var packedBytes = 0
  #endif
  private let turn = Turn()

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
    running = .allocate(capacity: 1)
    let addresses = [UInt](repeating: 0, count: program.inputs.count + program.outputs.count)
    running.initialize(to: Running(boundAddresses: addresses))
  }

  deinit {
    for block in blocks { block.deallocate() }
    arena.deallocate()
    staging.deallocate()
    for context in running.pointee.contexts { context.scratch.deallocate() }
    #if !hasFeature(Embedded)
      for input in running.pointee.packedInputs { input.deallocate() }
    #endif
    running.deinitialize(count: 1)
    running.deallocate()
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
    running.pointee.commands.append(
      dk_command(
        function: dk_kernel(kernel, level), arguments: UnsafeRawPointer(arguments),
        nanoseconds: fixedThreads == nil ? Int64(work.nanoseconds) : Plan.alwaysShared))
    names.append(name)
    #if !hasFeature(Embedded)
      if Profile.isOn {
        notes.append((name + " " + detail(), work))
        running.pointee.spent.append(0)
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
      packedBytes += byteCount
      running.pointee.packedInputs.append(
        PackedInput(
          slot: slot, byteCount: byteCount, kernel: kernel, arguments: UnsafeRawPointer(arguments), field: field))
    }
  #endif

  /// The memory that the plan holds between runs, or will.
  var heldBytes: Int {
    #if hasFeature(Embedded)
      return arenaBytes
    #else
      return arenaBytes + packedBytes
    #endif
  }

  func resolve(_ field: UnsafeMutableRawPointer, _ place: Place, byteOffset: Int) {
    switch place {
    case .arena(let offset): set(field, UInt(bitPattern: arena) + UInt(offset), byteOffset)
    case .literal(let index): set(field, UInt(bitPattern: literals[index].bytes), byteOffset)
    case .bound(let slot):
      running.pointee.relocations.append(Relocation(field: field, slot: slot, byteOffset: byteOffset))
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
    while running.pointee.contexts.count < threads {
      var context = dk_context()
      context.scratch = .allocate(byteCount: scratchBytes, alignment: 64)
      running.pointee.contexts.append(context)
    }
  }

  private func set(_ field: UnsafeMutableRawPointer, _ address: UInt, _ byteOffset: Int) {
    field.storeBytes(of: UInt(bitPattern: Int(bitPattern: address) + byteOffset), as: UInt.self)
  }

  // MARK: Running

  func run(_ inputs: [Memory], _ outputs: [Memory]) throws(EvaluationError) {
    var failure: EvaluationError?
    turn.take { failure = execute(inputs, outputs) }
    if let failure { throw failure }
  }

  private func execute(_ inputs: [Memory], _ outputs: [Memory]) -> EvaluationError? {
    var moved = false
    for (slot, memory) in inputs.enumerated() { moved = bind(slot, memory) || moved }
    for (index, memory) in outputs.enumerated() { moved = bind(inputs.count + index, memory) || moved }
    if moved {
      for relocation in running.pointee.relocations {
        set(relocation.field, running.pointee.boundAddresses[relocation.slot], relocation.byteOffset)
      }
    }
    let threads = fixedThreads.map { Int32($0) } ?? dk_threads()
    provide(threads: Int(threads))
    #if !hasFeature(Embedded)
      var index = 0  // a loop over indices would retain the array at every run
      while index < running.pointee.packedInputs.count {
        let memory = inputs[running.pointee.packedInputs[index].slot]
        running.pointee.packedInputs[index].follow(memory, scratch: running.pointee.contexts[0].scratch)
        index += 1
      }
    #endif
    for index in running.pointee.spent.indices { running.pointee.spent[index] = 0 }
    let stopped = running.pointee.commands.withUnsafeBufferPointer { commands in
      running.pointee.contexts.withUnsafeMutableBufferPointer { contexts in
        running.pointee.spent.withUnsafeMutableBufferPointer { spent in
          dk_run(
            commands.baseAddress, Int64(commands.count), contexts.baseAddress, threads,
            spent.isEmpty ? nil : spent.baseAddress)
        }
      }
    }
    #if !hasFeature(Embedded)
      for (note, time) in zip(notes, running.pointee.spent) {
        Profile.add(note.text, note.work, nanoseconds: time)
      }
    #endif
    guard stopped >= 0 else { return nil }
    let detail = running.pointee.contexts[0].detail
    return EvaluationError.indexOutOfRange(names[Int(stopped)], index: Int(detail.0), extent: Int(detail.1))
  }

  private func bind(_ slot: Int, _ memory: Memory) -> Bool {
    let address = UInt(bitPattern: memory.bytes)
    if running.pointee.boundAddresses[slot] == address { return false }
    running.pointee.boundAddresses[slot] = address
    return true
  }
}
