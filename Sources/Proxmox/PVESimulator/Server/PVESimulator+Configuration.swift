extension PVESimulator {
  /// How a simulator listens and behaves, whatever its cluster is.
  package struct Configuration: Sendable {
    /// All in 127.0.0.0/8, or `::1`.
    package var addresses = ["127.0.0.1"]
    /// Whether each node's address is listened on as well, at the same port.
    package var listensOnNodes = false
    /// 0 for any that is free on all addresses.
    package var port: UInt16 = 0
    /// What every answer takes.
    package var latency = Duration.zero
    /// What a 401 takes. With PVE three seconds.
    package var authenticationDelay = Duration.zero
    /// What a silent guest agent takes. With PVE three seconds.
    package var agentDelay = Duration.zero
    /// When the certificate holds, in days from now.
    package var certificateDays = -1...365
    package var requestsPerConnection = 100
    package var idleTimeout = Duration.seconds(5)
    /// Whether protected calls answer with both `Connection: close` and `Connection: Keep-Alive`, as PVE does.
    package var closesAfterProtectedCalls = true

    package init() {}

    func delay(_ delay: Refusal.Delay) -> Duration {
      switch delay {
      case .none: .zero
      case .authentication: authenticationDelay
      case .agent: agentDelay
      }
    }
  }
}
