/// UDP has no handshake: silence is what a healthy service and a dead one have in common.
struct UDPProbe: Sendable {
  func probe() -> ProbeOutcome { .notCheckable(reason: "UDP cannot be checked without a payload") }
}
