import RouteModel
import RouteValidation

/// Selects the target from several candidate upstreams. Pure: it determines when a race is due, and the caller runs it.
struct TargetRace {
  private var candidates: [Upstream] = []
  private(set) var target: Upstream?
  private var isRunning = false

  /// Applies a new plan; returns the candidates if they must be raced.
  ///
  /// Until the race is over, the target is the previous one if it is still a candidate, else the most preferred.
  mutating func plan(_ plan: TargetPlan) -> [Upstream]? {
    let isSame = plan.candidates == candidates
    candidates = plan.candidates
    guard case .firstReachable = plan else {
      target = candidates.first
      isRunning = false
      return nil
    }
    if isSame { return nil }
    if target.map({ !candidates.contains($0) }) ?? true { target = candidates.first }
    isRunning = true
    return candidates
  }

  /// Applies the result of a race; without a winner, the target is unchanged.
  mutating func settle(_ raced: [Upstream], winner: Upstream?) {
    guard raced == candidates else { return }
    isRunning = false
    if let winner { target = winner }
  }

  /// Starts the race again for a target that fails; nil if it is running or there is no other candidate.
  mutating func restart() -> [Upstream]? {
    guard candidates.count > 1, !isRunning, target.map(candidates.contains) ?? false else { return nil }
    isRunning = true
    return candidates
  }
}
