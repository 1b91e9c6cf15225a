import RouteModel

/// Runs one probe: the scheduler's only access to the network.
protocol Prober: Sendable {
  /// - Parameter memory: the knowledge from earlier probes of the same target.
  func probe(_ target: ProbeTarget, memory: ProbeMemory) async -> ProbeResult
}

/// The knowledge that the next probe of a target reuses.
struct ProbeMemory: Hashable, Sendable {
  /// The target answered HEAD with 501 or 405, so it is asked with GET.
  var refusesHead = false
}

struct ProbeResult: Hashable, Sendable {
  var outcome: ProbeOutcome
  var memory = ProbeMemory()
  /// The phases of a successful probe.
  var phases: ProbePhases?
  /// When the server's certificate expires, in seconds since 1970.
  var certificateEnd: Int?
}
