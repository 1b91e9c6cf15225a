import RouteModel
import RouteRegistry
import TestSupport
import Testing
import WakeOnDemand

@testable import ReverseProxy

/// The events of the waiting page end, and take no place from the clients that wait.
@Suite(.timeLimit(.minutes(5))) struct WakeEventStreamTests {
  private static let request = "GET \(WakeDemand.eventsPath) HTTP/1.1\r\nHost: photos\r\n\r\n"

  @Test func moreThanAreFollowedGetOneStatusAndComeAgain() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    let route = try RegisteredRoute.waking(to: echo) { $0.wakeTimeout = .seconds(170) }
    try await RunningProxy.serving([route], gates: guest.gates) { proxy in
      let gate = try #require(guest.gates.gate(of: SleepingGuest.id))
      for _ in 0..<GuestGate.maxPages { #expect(gate.follow { _ in } != nil) }
      try #require(gate.follow { _ in } == nil)
      let connection = try await proxy.connect()
      try await connection.send(Self.request)
      let begin = ContinuousClock.now
      let response = try #require(try await connection.response())
      #expect(response.status == 200)
      #expect(ContinuousClock.now - begin < .seconds(100), "it does not last as long as a start may take")
      #expect(response.text.hasPrefix("retry: 2000\nevent: state\ndata: {"), "\(response.text)")
      try await connection.send("GET / HTTP/1.1\r\nHost: photos\r\n\r\n")
      try await guest.isWaitedFor(by: GuestGate.maxPages + 1)
      guest.show(.up)
      #expect(try await connection.response()?.status == 200)
    }
  }

  @Test func theyLastNoLongerThanAStartMayTake() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    let route = try RegisteredRoute.waking(to: echo) { $0.wakeTimeout = .milliseconds(200) }
    try await RunningProxy.serving([route], gates: guest.gates) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.request)
      #expect(try await connection.response()?.text.contains("event: state") == true)
      #expect(guest.waiting == 0)
    }
  }

  @Test func aPageThatIsClosedIsNotFollowed() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await RunningProxy.serving([try .waking(to: echo)], gates: guest.gates) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.request)
      try await guest.isWaitedFor(by: 1)
      try await connection.reset()
      try await guest.isWaitedFor(by: 0)
    }
  }
}
