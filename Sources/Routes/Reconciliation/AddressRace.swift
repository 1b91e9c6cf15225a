import RouteModel

/// Finds the first reachable of several upstreams. Candidates start in order of preference, the next one as soon as the
/// previous one has failed or has not answered within `headStart` (RFC 8305 §5).
struct AddressRace: Sendable {
  /// Connects over TCP and returns whether that worked.
  typealias Connect = @Sendable (_ host: String, _ port: UInt16, _ timeout: Duration) async -> Bool

  var connect: Connect
  var headStart: Duration = .milliseconds(250)
  var timeout: Duration = .seconds(2)

  /// Nil if none can be reached.
  func winner(of candidates: [Upstream]) async -> Upstream? {
    await withTaskGroup(of: Result.self) { group in
      var waiting = candidates[...]
      var pending = 0
      func startNext() {
        guard let upstream = waiting.popFirst(), let host = upstream.host, let port = upstream.port else { return }
        pending += 1
        group.addTask { await connect(host, port, timeout) ? .reached(upstream) : .failed }
        let remaining = waiting.count
        guard remaining > 0 else { return }
        group.addTask {
          try? await Task.sleep(for: headStart)
          return .headStartOver(remaining: remaining)
        }
      }
      startNext()
      while pending > 0, let result = await group.next() {
        switch result {
        case .reached(let upstream):
          group.cancelAll()
          return upstream
        case .failed:
          pending -= 1
          startNext()
        case .headStartOver(let remaining):
          if remaining == waiting.count { startNext() }
        }
      }
      group.cancelAll()
      return nil
    }
  }

  private enum Result: Sendable {
    case reached(Upstream)
    case failed
    case headStartOver(remaining: Int)
  }
}
