import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import AgentRuntime

/// When unused memory is returned to the kernel.
@Suite(.timeLimit(.minutes(5))) struct MemoryKeeperTests {
  @Test("Requests during a trim cause one further trim")
  func unitesRequests() async throws {
    let trims = Mutex(0)
    let firstEnds = DispatchSemaphore(value: 0)
    let keeper = MemoryKeeper(firstInterval: .seconds(3600), settlingTime: .zero) {
      let number = trims.withLock { trims in
        trims += 1
        return trims
      }
      if number == 1 { firstEnds.wait() }
    }
    let task = Task { try await keeper.run() }
    defer {
      firstEnds.signal()
      task.cancel()
    }
    keeper.trimSoon()
    try await eventually("the first trim begins") { trims.withLock { $0 } == 1 ? () : nil }
    for _ in 0..<1000 { keeper.trimSoon() }
    firstEnds.signal()
    // Requests that had to be served one by one would come before these.
    var later = 0
    try await eventually(every: .milliseconds(1), "it trims ten times") {
      keeper.trimSoon()
      later += 1
      return trims.withLock { $0 } >= 10 ? () : nil
    }
    let count = trims.withLock { $0 }
    #expect(count <= 2 + later, "\(count) trims for \(later) later requests")
  }

  @Test("Without requests it trims at its interval")
  func trimsByItself() async throws {
    let trims = Mutex(0)
    let keeper = MemoryKeeper(firstInterval: .milliseconds(1), settlingTime: .zero) { trims.withLock { $0 += 1 } }
    let task = Task { try await keeper.run() }
    defer { task.cancel() }
    try await eventually("it trims three times") { trims.withLock { $0 } >= 3 ? () : nil }
  }
}
