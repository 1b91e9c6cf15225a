import Synchronization
import TestSupport
import Testing

@testable import AgentRuntime

@Suite(.timeLimit(.minutes(5)))
struct WatchdogTests {
  private static let interval = Duration.milliseconds(20)

  @Test func feedsWhileEveryPartResponds() async throws {
    let fed = Mutex(0)
    let book = LogBook()
    let parts: [Watchdog.Part] = [.init(name: "one") { true }, .init(name: "two") { true }]
    try await running(parts, book, onNotify: { fed.withLock { $0 += 1 } }) {
      try await eventually("it was fed three times") { fed.withLock { $0 } >= 3 ? () : nil }
    }
    #expect(book.lines.isEmpty)
  }

  @Test func feedsAgainOnceAPartThatWasStuckResponds() async throws {
    let fed = Mutex(0)
    let (book, gate) = (LogBook(), Gate())
    let part = Watchdog.Part(name: "reconciler") {
      try? await gate.wait()
      return true
    }
    try await running([part], book, limit: Self.interval, onNotify: { fed.withLock { $0 += 1 } }) {
      try await eventually("the part is named") { Self.names("reconciler", book) ? () : nil }
      #expect(fed.withLock { $0 } == 0)
      gate.open()
      try await eventually("it is fed again") { fed.withLock { $0 } > 0 ? () : nil }
    }
  }

  @Test func namesOnlyThePartThatIsStuck() async throws {
    // If the machine stalls, the other part is late too.
    try await eventually("only the one that is stuck is named") { () -> Void? in
      let (book, gate) = (LogBook(), Gate())
      let parts: [Watchdog.Part] = [
        .init(name: "discovery") { true },
        .init(name: "reconciler") {
          try? await gate.wait()
          return true
        },
      ]
      try await running(parts, book, limit: Self.interval, onNotify: {}) {
        try await eventually("the part is named") { Self.names("reconciler", book) ? () : nil }
        gate.open()
      }
      return Self.names("discovery", book) ? nil : ()
    }
  }

  @Test func doesNotFeedWhileAPartMakesNoProgress() async throws {
    let asked = Mutex(0)
    let fed = Mutex(0)
    let part = Watchdog.Part(name: "discovery") {
      asked.withLock { $0 += 1 }
      return false
    }
    try await running([part], LogBook(), onNotify: { fed.withLock { $0 += 1 } }) {
      try await eventually("it was asked again and again") { asked.withLock { $0 } >= 3 ? () : nil }
    }
    #expect(fed.withLock { $0 } == 0)
  }

  /// Settings for another process, or in a format that sd_watchdog_enabled(3) does not know, are ignored.
  @Test(
    arguments: [
      (["WATCHDOG_USEC": "60000000"], Duration.seconds(20)),
      (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"], .seconds(20)),
      (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "8"], nil),
      (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "9223372036854775808"], nil),
      (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
    ] as [([String: String], Duration?)])
  func feedsThreeTimesWithinTheTimeThatSystemdAllows(environment: [String: String], interval: Duration?) {
    #expect(Watchdog.interval(environment: environment, processID: 7) == interval)
  }

  private static func names(_ part: String, _ book: LogBook) -> Bool {
    book.lines.contains { $0.contains("does not respond") && $0.contains("part=\(part)") }
  }

  /// - Parameter limit: as long by default that no part is late.
  private func running(
    _ parts: [Watchdog.Part], _ book: LogBook, limit: Duration = .seconds(3600),
    onNotify: @escaping @Sendable () -> Void, _ body: () async throws -> Void
  ) async throws {
    let watchdog = Watchdog(
      interval: Self.interval, answerLimit: limit, parts: parts,
      notify: {
        #expect($0 == "WATCHDOG=1")
        onNotify()
      }, logger: book.logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await watchdog.run() }
      try await body()
      group.cancelAll()
    }
  }
}
