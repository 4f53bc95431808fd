#if os(Linux)
  import AllocationCounting
  import Descent
  import Testing

  /// A compiled step allocates nothing: neither the call, which returns the loss, nor the kernels on any thread.
  ///
  /// Each test is a process of its own, so that only what it does is counted.
  @Suite(.enabled(if: allocation_counting_is_possible() != 0))
  struct AllocationTests {
    @Test func allocationsAreSeen() async {
      await #expect(processExitsWith: .success) {
        #expect(allocations { _ = Memory(.float32, count: 1000) } > 0)
        #expect(allocations { _ = Tensor.zeros([3]) } > 0)
        #expect(allocations {} == 0)
      }
    }

    @Test(arguments: SmallNetwork.allCases, [1, 2])
    func aTrainingStepAllocatesNothing(_ network: SmallNetwork, _ threads: Int) async {
      await #expect(processExitsWith: .success) { [network, threads] in
        Engine.threadCount = threads
        for engine in [Engine.cpu, .cpu(.best, threads: threads)] {
          let training = try network.training(on: engine)
          let batches = training.batches
          for _ in 0..<3 { for batch in batches { _ = try training.step(batch) } }
          var sum: Float = 0
          let count = try allocations {
            for _ in 0..<5 { for batch in batches { sum += try training.step(batch) } }
          }
          #expect(count == 0 && sum.isFinite)
        }
      }
    }

    @Test(arguments: [1, 2])
    func anAnswerInMemoryOfItsOwnAllocatesNothing(_ threads: Int) async {
      await #expect(processExitsWith: .success) { [threads] in
        let model = Sequential {
          Dense(12, 64); ReLU(); Dense(64, 64); ReLU(); Dense(64, 1)
        }
        let bound = CompiledModel(model, engine: .cpu(.best, threads: threads)).bound(to: [5, 12])
        try bound.run()
        let count = try allocations { for _ in 0..<10 { try bound.run() } }
        #expect(count == 0)
      }
    }

    @Test func neitherDoesOneThatKeepsPackedWeights() async {
      await #expect(processExitsWith: .success) {
        let model = Sequential {
          Dense(100, 128); ReLU(); Dense(128, 70)
        }
        let bound = CompiledModel(model).bound(to: [1, 100])
        let step = try CompiledStep(model, .sgd(learningRate: 0.1)) { ($0($1.inputs) - $1.targets).squared().mean() }
        let batch = Batch(inputs: .ones([1, 100]), targets: .ones([1, 70]))
        evaluate(batch.inputs, batch.targets)
        func trainAndAsk() throws {
          for _ in 0..<5 {
            for _ in 0..<3 { try bound.run() }
            try step(batch)
          }
        }
        try trainAndAsk()
        let count = try allocations { try trainAndAsk() }
        #expect(count == 0)
      }
    }
  }

  /// How often anything allocated heap memory meanwhile.
  private func allocations(during body: () throws -> Void) rethrows -> Int {
    allocation_counting_begin()
    defer { _ = allocation_counting_end() }
    try body()
    return allocation_counting_end()
  }
#endif
