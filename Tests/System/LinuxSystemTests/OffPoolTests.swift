import Dispatch
import LinuxSystem
import Synchronization
import TestSupport
import Testing

@Suite struct OffPoolTests {
  private struct Failure: Error, Equatable {}

  @Test(.timeLimit(.minutes(5))) func givesWhatTheWorkGives() async throws {
    #expect(await offPool { 7 } == 7)
    await #expect(throws: Failure()) { try await offPool { () throws(Failure) in throw Failure() } }
    #expect(await offPool(within: .seconds(180)) { 7 } == 7)
  }

  /// More than any pool has threads.
  @Test(.timeLimit(.minutes(5))) func workThatHangsHoldsUpNoOther() async {
    let gate = DispatchSemaphore(value: 0)
    await withTaskGroup { group in
      for _ in 0..<100 { group.addTask { await offPool { gate.wait() } } }
      await offPool {}
      for _ in 0..<200 { gate.signal() }
    }
  }

  @Test(.timeLimit(.minutes(5))) func workThatTakesTooLongGoesOnAlone() async {
    let gate = DispatchSemaphore(value: 0)
    #expect(await offPool(within: .milliseconds(20)) { gate.wait() } == nil)
    let waiting = Task { await offPool(within: .seconds(3600)) { gate.wait() } }
    waiting.cancel()
    #expect(await waiting.value == nil)
    for _ in 0..<200 { gate.signal() }
  }

  /// More than the cooperative pool has threads.
  @Test(.timeLimit(.minutes(5))) func actorsThatBlockHoldUpNoTask() async throws {
    let gate = DispatchSemaphore(value: 0)
    let begun = Count()
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 { group.addTask { await BlockingActor().wait(for: gate) { begun.value.withLock { $0 += 1 } } } }
      try await eventually("all of them wait") { begun.value.withLock { $0 } == 50 ? () : nil }
      for _ in 0..<50 { gate.signal() }
      try await group.waitForAll()
    }
  }
}

private final class Count: Sendable {
  let value = Mutex(0)
}

private actor BlockingActor {
  private let executor = BlockingExecutor(label: "test")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  func wait(for gate: DispatchSemaphore, onBegin: @Sendable () -> Void) {
    onBegin()
    gate.wait()
  }
}
