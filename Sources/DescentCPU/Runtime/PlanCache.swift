import DescentCore

/// Plans of small programs by their structure, so that the same expression evaluated again costs no planning.
final class PlanCache: Sendable {
  private static let mostPlans = 256
  private static let mostInstructions = 512
  /// A plan keeps its working memory; large ones are worth planning again rather than holding on to it.
  private static let mostArenaBytes = 1 << 20
  /// What all plans together may hold, packed weights among it.
  private static let mostHeldBytes = 1 << 26
  private let plans = Guarded<[Key: Plan]>([:])

  private struct Key: Hashable {
    let program: Program
    let precision: Precision
  }

  func plan(for program: Program, precision: Precision, compile: () -> Plan) -> Plan {
    guard program.instructions.count <= PlanCache.mostInstructions else { return compile() }
    let key = Key(program: program, precision: precision)
    if let plan = plans.withLock({ $0[key] }) { return plan }
    let plan = compile()
    guard plan.arenaBytes <= PlanCache.mostArenaBytes, plan.heldBytes <= PlanCache.mostHeldBytes else { return plan }
    plans.withLock { plans in
      // Starting over is simpler than tracking use, and as good: a program in use comes back at once.
      let held = plans.values.reduce(plan.heldBytes) { $0 + $1.heldBytes }
      if plans.count >= PlanCache.mostPlans || held > PlanCache.mostHeldBytes { plans.removeAll() }
      plans[key] = plan
    }
    return plan
  }
}
