import Descent
import Testing

/// What is learned does not depend on how many threads there are, and is the same every time.
@Suite(.serialized) struct ThreadedTrainingTests {
  @Test(arguments: SmallNetwork.allCases)
  func learnsTheSameBitsWithAnyNumberOfThreads(_ network: SmallNetwork) throws {
    let alone = try trained(network, threads: 1)
    #expect(Set(alone.losses).count > 4, "so that equal results say something")
    for threads in [1, 2, 3, 4, 8, 16] {
      for run in 1...2 {
        let shared = try trained(network, threads: threads)
        #expect(shared.losses == alone.losses, "\(threads) threads, run \(run)")
        #expect(shared.weights == alone.weights, "\(threads) threads, run \(run)")
      }
    }
  }

  /// The engine everyone uses shares only what is worth it; that changes no bit either.
  @Test(arguments: SmallNetwork.allCases)
  func learnsTheSameBitsWhereOnlyLargeWorkIsShared(_ network: SmallNetwork) async {
    await #expect(processExitsWith: .success) { [network] in
      var learned: [[[UInt32]]] = []
      for threads in [1, 2, 3, 4, 8, 16] {
        Engine.threadCount = threads
        let training = try network.training(on: .cpu)
        for batch in training.batches + training.batches { _ = try training.step(batch) }
        learned.append(training.learned())
      }
      #expect(learned.allSatisfy { $0 == learned[0] })
    }
  }

  private func trained(_ network: SmallNetwork, threads: Int) throws -> (losses: [Float], weights: [[UInt32]]) {
    let training = try network.training(on: .cpu(.best, threads: threads))
    let losses = try (training.batches + training.batches).map { try training.step($0) }
    return (losses, training.learned())
  }
}
