import HTTPTransport
import Synchronization
import TestSupport
import Testing

@testable import ProxmoxAPI

@Suite("TicketSession", .timeLimit(.minutes(5))) struct TicketSessionTests {
  @Test("However many need a ticket at once, one logs in")
  func logsInOnce() async throws {
    let (session, logins) = (TicketSession(), Counter())
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          try await session.ticket { () async throws(ProxmoxError) in
            await Task.yield()
            return "ticket \(logins.next())"
          }
        }
      }
      for try await ticket in group { #expect(ticket == "ticket 1") }
    }
    #expect(logins.value == 1)
  }

  @Test("A ticket is renewed before it expires, and when PVE refuses it")
  func renews() async throws {
    let (clock, logins) = (ManualTime(), Counter())
    let session = TicketSession { clock.now }
    let login: TicketSession.Login = { () async throws(ProxmoxError) in "ticket \(logins.next())" }
    #expect(try await session.ticket(login: login) == "ticket 1")
    clock.advance(by: TicketSession.lifetime - .seconds(1))
    #expect(try await session.ticket(login: login) == "ticket 1")
    clock.advance(by: .seconds(1))
    #expect(try await session.ticket(login: login) == "ticket 2")
    #expect(try await session.ticket(replacing: "ticket 2", login: login) == "ticket 3")
    // Another call came back late with the ticket of before: the new one is good for it too.
    #expect(try await session.ticket(replacing: "ticket 2", login: login) == "ticket 3")
  }

  @Test("A refused login is tried again by the next call only")
  func failsForAll() async throws {
    let (session, logins) = (TicketSession(), Counter())
    await #expect(throws: ProxmoxError.unauthorized("no")) {
      try await session.ticket { () async throws(ProxmoxError) in
        _ = logins.next()
        throw .unauthorized("no")
      }
    }
    #expect(try await session.ticket { () async throws(ProxmoxError) in "ticket \(logins.next())" } == "ticket 2")
  }

  @Test("A login that was cancelled with its caller does not fail the others")
  func survivesCancelledLogin() async throws {
    let (session, gate) = (TicketSession(), AsyncStream<Void>.makeStream())
    try await withThrowingTaskGroup { group in
      group.addTask {
        _ = try? await session.ticket { () async throws(ProxmoxError) in
          for await _ in gate.stream {}
          throw .transport(.cancelled)
        }
        return "cancelled"
      }
      group.addTask { try await session.ticket { () async throws(ProxmoxError) in "mine" } }
      gate.continuation.finish()
      var results: [String] = []
      for try await result in group { results.append(result) }
      #expect(results.sorted() == ["cancelled", "mine"])
    }
  }
}

final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func next() -> Int {
    count.withLock {
      $0 += 1
      return $0
    }
  }
}

final class ManualTime: Sendable {
  private let state = Mutex(ContinuousClock.now)
  var now: ContinuousClock.Instant { state.withLock { $0 } }
  func advance(by duration: Duration) { state.withLock { $0 += duration } }
}
