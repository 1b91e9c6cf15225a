import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import RouteProviders

@Suite struct FingerprintChangeTests {
  @Test func reportsAChangeOnceItStandsStill() {
    var change = FingerprintChange(known: ["a"])
    #expect([["a"], ["b"], ["b"], ["b"]].map { change.record($0) } == [false, false, true, false])
  }

  @Test func waitsWhileItKeepsChanging() {
    var change = FingerprintChange(known: ["a"])
    #expect([["b"], ["c"], ["d"], ["d"]].map { change.record($0) } == [false, false, false, true])
  }

  @Test func aChangeThatIsTakenBackIsNone() {
    var change = FingerprintChange(known: ["a"])
    #expect([["b"], ["a"], ["b"], ["a"]].map { change.record($0) } == [false, false, false, false])
  }
}

@Suite(.timeLimit(.minutes(5))) struct FileWatcherTests {
  private final class Recorder: Sendable {
    let fingerprint = Mutex(["a"])
    let changes = Mutex(0)
  }

  @Test func callsForEachChangeAndEndsWhenCancelled() async throws {
    let recorder = Recorder()
    let watcher = FileWatcher(
      interval: .milliseconds(1), fingerprint: { recorder.fingerprint.withLock { $0 } },
      onChange: { recorder.changes.withLock { $0 += 1 } })
    // A change between creation and start must not be missed.
    recorder.fingerprint.withLock { $0 = ["b"] }
    try await withThrowingTaskGroup { group in
      group.addTask { await watcher.run() }
      _ = try await eventually("the first change") { recorder.changes.withLock { $0 } == 1 ? true : nil }
      recorder.fingerprint.withLock { $0 = ["c"] }
      _ = try await eventually("the second change") { recorder.changes.withLock { $0 } == 2 ? true : nil }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(recorder.changes.withLock { $0 } == 2)
  }

  @Test func endsOnGracefulShutdown() async throws {
    let looks = Mutex(0)
    let watcher = FileWatcher(
      interval: .milliseconds(1),
      fingerprint: {
        looks.withLock { $0 += 1 }
        return []
      }, onChange: {})
    let group = ServiceGroup(services: [watcher], logger: Logger(label: "test"))
    try await withThrowingTaskGroup { tasks in
      tasks.addTask { try await group.run() }
      _ = try await eventually("the watcher's first look") { looks.withLock { $0 } > 1 ? true : nil }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }
}
