import HTTPTransport
import ProxmoxAPI
import TestSupport
import Testing

@testable import ProxmoxDiscovery

@Suite("EndpointRace", .timeLimit(.minutes(5))) struct EndpointRaceTests {
  private static let never = Duration.seconds(3600)

  @Test("The first one that answers is used, and no later one is tried")
  func asksInOrder() async {
    let outcome = await race(["refuses", "answers", "answers too"], headStart: Self.never)
    #expect(outcome.answer == "answers" && outcome.winner == "answers")
    #expect(outcome.failures.map(\.endpoint) == ["refuses"] && outcome.overtaken.isEmpty)
  }

  @Test("One that is silent during its head start is overtaken by the next")
  func overtakesTheSilent() async {
    let outcome = await race(["hangs", "refuses", "answers"], headStart: .seconds(1))
    #expect(outcome.winner == "answers")
    #expect(outcome.overtaken == ["hangs"] && outcome.failures.map(\.endpoint) == ["refuses"])
  }

  @Test("If all fail, every failure is reported")
  func reportsAllFailures() async {
    let outcome = await race(["refuses", "refuses too"], headStart: Self.never)
    #expect(outcome.answer == nil && outcome.failures.map(\.endpoint) == ["refuses", "refuses too"])
  }

  @Test("Refused credentials are not sent to another endpoint")
  func endsWithRefusedCredentials() async {
    let outcome = await race(["unauthorized", "answers"], headStart: Self.never)
    #expect(outcome.answer == nil && outcome.failures.map(\.endpoint) == ["unauthorized"])
  }

  private func race(_ endpoints: [String], headStart: Duration) async -> EndpointRace.Outcome<String> {
    let refusal = Gate()
    return await EndpointRace(headStart: headStart).run(endpoints) { endpoint throws(ProxmoxError) in
      if endpoint.hasPrefix("refuses") {
        refusal.open()
        throw .transport(.connectionRefused(address: endpoint))
      }
      if endpoint == "unauthorized" { throw .unauthorized("no") }
      if endpoint == "hangs" { try? await Task.sleep(for: .seconds(3600)) }
      // On a slow machine, the head start may be over before the refusal.
      if endpoint == "answers", endpoints.contains("refuses") { try? await refusal.wait() }
      return endpoint
    }
  }
}
