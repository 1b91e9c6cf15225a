import HTTPTransport
import Synchronization
import TestSupport
import Testing

@testable import ProxmoxAPI

@Suite("TicketSession", .timeLimit(.minutes(5))) struct TicketSessionTests {
  @Test("Concurrent calls log in only once")
  func logsInOnce() async throws {
    let (session, logins) = (TicketSession(), Counter())
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          try await session.ticket { () async throws(ProxmoxError) in
            await Task.yield()
            return Ticket(cookie: "ticket \(logins.next())")
          }
        }
      }
      for try await ticket in group { #expect(ticket == Ticket(cookie: "ticket 1")) }
    }
    #expect(logins.value == 1)
  }

  @Test("A ticket is renewed before it expires, and when PVE refuses it")
  func renews() async throws {
    let (clock, logins) = (ManualTime(), Counter())
    let session = TicketSession { clock.now }
    let login: TicketSession.Login = { () async throws(ProxmoxError) in Ticket(cookie: "ticket \(logins.next())") }
    #expect(try await session.ticket(login: login) == Ticket(cookie: "ticket 1"))
    clock.advance(by: .seconds(80 * 60))
    #expect(try await session.ticket(login: login) == Ticket(cookie: "ticket 1"))
    // PVE's tickets are valid for two hours from their issue; one must not expire during a request.
    clock.advance(by: .seconds(35 * 60))
    #expect(try await session.ticket(login: login) == Ticket(cookie: "ticket 2"))
    #expect(try await session.ticket(replacing: Ticket(cookie: "ticket 2"), login: login) == Ticket(cookie: "ticket 3"))
    // Another call returned late with the previous ticket: the new one is used for it too.
    #expect(try await session.ticket(replacing: Ticket(cookie: "ticket 2"), login: login) == Ticket(cookie: "ticket 3"))
  }

  @Test("A refused login is repeated only by the next call")
  func failsForAll() async throws {
    let (session, logins) = (TicketSession(), Counter())
    await #expect(throws: ProxmoxError.unauthorized("no")) {
      try await session.ticket { () async throws(ProxmoxError) in
        _ = logins.next()
        throw .unauthorized("no")
      }
    }
    #expect(
      try await session.ticket { () async throws(ProxmoxError) in Ticket(cookie: "ticket \(logins.next())") }
        == Ticket(cookie: "ticket 2"))
  }

  @Test("Cancelling the caller of a login does not fail other waiting calls", .timeLimit(.minutes(2)))
  func survivesCancelledLogin() async throws {
    let (session, gate) = (TicketSession(), AsyncStream<Void>.makeStream())
    let first = Task {
      try await session.ticket { () async throws(ProxmoxError) in
        for await _ in gate.stream { break }
        throw .transport(.cancelled)
      }
    }
    try await eventually("the first logs in") { await session.isLoggingIn ? () : nil }
    let second = Task { try await session.ticket { () async throws(ProxmoxError) in Ticket(cookie: "mine") } }
    try await eventually("the second waits for the same login") { await session.waiting == 1 ? () : nil }
    gate.continuation.yield()
    await #expect(throws: ProxmoxError.transport(.cancelled)) { try await first.value }
    #expect(try await second.value == Ticket(cookie: "mine"))
  }

  @Test("A refused login fails all waiting calls", .timeLimit(.minutes(2)))
  func refusesAllWaitingCalls() async throws {
    let (session, gate, logins) = (TicketSession(), AsyncStream<Void>.makeStream(), Counter())
    let login: TicketSession.Login = { () async throws(ProxmoxError) in
      _ = logins.next()
      for await _ in gate.stream { break }
      throw .unauthorized("no")
    }
    let callers = (0..<3).map { _ in Task { try await session.ticket(login: login) } }
    try await eventually("two wait") { await session.waiting == 2 ? () : nil }
    gate.continuation.yield()
    for caller in callers { await #expect(throws: ProxmoxError.unauthorized("no")) { try await caller.value } }
    #expect(logins.value == 1, "each refusal is logged by the node")
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
