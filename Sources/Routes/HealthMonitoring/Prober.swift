import RouteModel

/// Runs one probe; the scheduler's only way to the outside.
protocol Prober: Sendable {
  /// - Parameter memory: what earlier probes of the same target learned.
  func probe(_ target: ProbeTarget, memory: ProbeMemory) async -> ProbeResult
}

/// What is worth knowing in the next probe of a target.
struct ProbeMemory: Hashable, Sendable {
  /// The target answered HEAD with 501 or 405, so it is asked with GET.
  var refusesHead = false
}

struct ProbeResult: Hashable, Sendable {
  var outcome: ProbeOutcome
  var memory = ProbeMemory()
  /// Of a success.
  var phases: ProbePhases?
  /// When the certificate ends that was shown, in seconds since 1970.
  var certificateEnd: Int?
}
