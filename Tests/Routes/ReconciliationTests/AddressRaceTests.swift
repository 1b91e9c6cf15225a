import RouteModel
import Testing

@testable import Reconciliation

@Suite(.timeLimit(.minutes(5))) struct AddressRaceTests {
  private let candidates = (1...3).map { Upstream.network(scheme: .http, host: "127.77.1.\($0)", port: 80) }

  @Test func thePreferredOneWinsIfItCanBeReached() async {
    let race = AddressRace(connect: { _, _, _ in true }, headStart: .seconds(3600))
    #expect(await race.winner(of: candidates) == candidates[0])
  }

  @Test func aFailureStartsTheNextAtOnce() async {
    let race = AddressRace(connect: { host, _, _ in host == "127.77.1.3" }, headStart: .seconds(3600))
    #expect(await race.winner(of: candidates) == candidates[2])
  }

  @Test func aSilentOneIsOvertaken() async {
    let race = AddressRace(
      connect: { host, _, _ in
        if host == "127.77.1.2" { return true }
        // Silent until the race ends and cancels it.
        for await _ in AsyncStream(Never.self, { _ in }) {}
        return false
      }, headStart: .milliseconds(1))
    #expect(await race.winner(of: candidates) == candidates[1])
  }

  @Test func hasNoWinnerWithoutAnswers() async {
    let race = AddressRace(connect: { _, _, _ in false })
    #expect(await race.winner(of: candidates) == nil)
    #expect(await race.winner(of: []) == nil)
  }
}
