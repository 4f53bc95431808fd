#if !hasFeature(Embedded)
  import DescentCore
  import DescentKernels

  /// Weights laid out as one call of a plan reads them fastest, for as long as they stay as they are.
  ///
  /// The copy is made in a run whose input holds what it held in the run before: what changes every time is never
  /// copied. As soon as the input holds something else the call reads that.
  struct PackedInput {
    let slot: Int
    let byteCount: Int
    private let kernel: dk_kernel_id
    private let arguments: UnsafeRawPointer
    private let field: UnsafeMutablePointer<UnsafeRawPointer?>
    private var copy: UnsafeMutableRawPointer?
    private var edition: UInt64 = 0

    /// - Parameter field: where the arguments say that there is a copy.
    init(
      slot: Int, byteCount: Int, kernel: dk_kernel_id, arguments: UnsafeRawPointer,
      field: UnsafeMutablePointer<UnsafeRawPointer?>
    ) {
      self.slot = slot
      self.byteCount = byteCount
      self.kernel = kernel
      self.arguments = arguments
      self.field = field
    }

    /// Makes the call read what the input holds now, to which the arguments point already.
    mutating func follow(_ memory: Memory, scratch: UnsafeMutableRawPointer) {
      let current = memory.edition
      if current != edition {
        edition = current
        field.pointee = nil
      } else if field.pointee == nil {
        if copy == nil { copy = .allocate(byteCount: byteCount, alignment: 64) }
        dk_pack(kernel, arguments, copy, scratch)
        field.pointee = UnsafeRawPointer(copy)
      }
    }

    func deallocate() { copy?.deallocate() }
  }
#endif
