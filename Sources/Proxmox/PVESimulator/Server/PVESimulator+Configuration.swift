extension PVESimulator {
  /// The listeners and the behaviour of a simulator, independent of its cluster.
  package struct Configuration: Sendable {
    /// All in 127.0.0.0/8, or `::1`.
    package var addresses = ["127.0.0.1"]
    /// Whether it also listens on each node's address, at the same port.
    package var listensOnNodes = false
    /// 0 for any port that is free on all addresses.
    package var port: UInt16 = 0
    /// The delay of every answer.
    package var latency = Duration.zero
    /// The delay of a 401. PVE: three seconds.
    package var authenticationDelay = Duration.zero
    /// The delay for a silent guest agent. PVE: three seconds.
    package var agentDelay = Duration.zero
    /// The validity of the certificate, in days from now.
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
