import ProxmoxAPI

/// Asks endpoints in order until one answers: the next one as soon as the previous one has failed or has not answered
/// within a head start. A failover takes no longer than one request may, however many endpoints hang.
struct EndpointRace: Sendable {
  struct Failure: Sendable {
    var endpoint: String
    var error: ProxmoxError
  }

  struct Outcome<Answer: Sendable>: Sendable {
    var answer: Answer?
    var winner: String?
    /// In order of occurrence.
    var failures: [Failure] = []
    /// Endpoints that had not answered when another one did.
    var overtaken: [String] = []
  }

  private enum Event<Answer: Sendable>: Sendable {
    case answered(String, Answer)
    case failed(Failure)
    case headStartOver(asked: Int)
  }

  var headStart: Duration

  /// An error that would be the same everywhere ends the race.
  func run<Answer: Sendable>(
    _ endpoints: [String], ask: @escaping @Sendable (String) async throws(ProxmoxError) -> Answer
  ) async -> Outcome<Answer> {
    await withTaskGroup(of: Event<Answer>.self) { group in
      var outcome = Outcome<Answer>()
      var asked: [String] = []
      func startNext() {
        guard asked.count < endpoints.count else { return }
        let endpoint = endpoints[asked.count]
        asked.append(endpoint)
        group.addTask { await Self.event(of: endpoint, ask) }
        guard asked.count < endpoints.count else { return }
        let count = asked.count
        group.addTask {
          try? await Task.sleep(for: headStart)
          return .headStartOver(asked: count)
        }
      }
      startNext()
      while outcome.failures.count < asked.count, let event = await group.next() {
        switch event {
        case .answered(let endpoint, let answer):
          (outcome.answer, outcome.winner) = (answer, endpoint)
          let settled = Set(outcome.failures.map(\.endpoint) + [endpoint])
          outcome.overtaken = asked.filter { !settled.contains($0) }
          group.cancelAll()
          return outcome
        case .failed(let failure):
          outcome.failures.append(failure)
          if !failure.error.mayDifferElsewhere {
            group.cancelAll()
            return outcome
          }
          startNext()
        case .headStartOver(let count):
          if count == asked.count, !Task.isCancelled { startNext() }
        }
      }
      group.cancelAll()
      return outcome
    }
  }

  private static func event<Answer: Sendable>(
    of endpoint: String, _ ask: @Sendable (String) async throws(ProxmoxError) -> Answer
  ) async -> Event<Answer> {
    do throws(ProxmoxError) {
      return .answered(endpoint, try await ask(endpoint))
    } catch {
      return .failed(Failure(endpoint: endpoint, error: error))
    }
  }
}
