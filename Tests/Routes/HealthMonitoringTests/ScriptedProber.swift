import RouteModel
import Synchronization

@testable import HealthMonitoring

/// Answers probes by their host; a probe without an answer waits for one.
final class ScriptedProber: Prober {
  private struct State {
    var outcomes: [String: ProbeOutcome] = [:]
    var asked: [String: Int] = [:]
    var waiting: [(host: String, continuation: CheckedContinuation<ProbeOutcome, Never>)] = []
  }

  private let state = Mutex(State())

  /// The number of probes of a host.
  func asked(_ host: String) -> Int { state.withLock { $0.asked[host, default: 0] } }

  func answer(_ host: String, _ outcome: ProbeOutcome) {
    let released = state.withLock { state in
      state.outcomes[host] = outcome
      let released = state.waiting.filter { $0.host == host }
      state.waiting.removeAll { $0.host == host }
      return released
    }
    for probe in released { probe.continuation.resume(returning: outcome) }
  }

  func probe(_ target: ProbeTarget, memory: ProbeMemory) async -> ProbeResult {
    let host = target.upstream.host ?? ""
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready = state.withLock { state -> ProbeOutcome? in
          state.asked[host, default: 0] += 1
          if let outcome = state.outcomes[host] { return outcome }
          state.waiting.append((host, continuation))
          return nil
        }
        if let ready { continuation.resume(returning: ready) }
      }
    } onCancel: {
      answer(host, .abandoned)
    }
    return ProbeResult(outcome: outcome, memory: memory)
  }
}
