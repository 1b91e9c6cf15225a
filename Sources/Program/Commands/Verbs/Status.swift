import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout status`: exits with 0 if the agent is ready and no listener or cluster has a problem, else with 1.
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows whether the agent is ready, and what keeps it from it.",
    discussion: """
      Ready: every route file was loaded, every cluster was read once or came from the cache. It exits with 1 while the \
      agent is not ready, or a listener or a cluster is in trouble.

      Examples:
        pvescout status
        pvescout status --wait 30
      """)

  private static let pause = Duration.milliseconds(200)

  @OptionGroup var options: QueryOptions

  @Option(help: ArgumentHelp("Wait this long for the agent to be there and ready.", valueName: "seconds"))
  var wait: Double = 0

  func run() async throws {
    let deadline = ContinuousClock.now + .seconds(wait)
    try await options.request { client throws(ControlClientError) in
      try await readiness(client, until: deadline)
    } then: { info, answer in
      try options.print(answer) { StatusView.render(info, $0, style: $1) }
      if !answer.value.isSound { throw ExitCode.failure }
    }
  }

  private func readiness(
    _ client: ControlClient, until deadline: ContinuousClock.Instant
  ) async throws(ControlClientError) -> (APIInfo, DecodedAnswer<ReadinessAnswer>) {
    while true {
      let isOver = ContinuousClock.now >= deadline
      do throws(ControlClientError) {
        let answer = try await client.readiness()
        if answer.value.isSound || isOver { return (try await client.info().value, answer) }
      } catch {
        guard case .agentNotReachable = error, !isOver else { throw error }
      }
      guard (try? await Task.sleep(for: Self.pause)) != nil else { throw .cancelled }
    }
  }
}
