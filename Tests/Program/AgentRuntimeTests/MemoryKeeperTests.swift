import Synchronization
import TestSupport
import Testing

@testable import AgentRuntime

/// When unused memory is returned to the kernel.
@Suite(.timeLimit(.minutes(1))) struct MemoryKeeperTests {
  @Test("What is requested in the meantime is one more trim, not one each")
  func unitesRequests() async throws {
    let trims = Mutex(0)
    let keeper = MemoryKeeper(firstInterval: .seconds(3600), settlingTime: .zero) { trims.withLock { $0 += 1 } }
    keeper.trimSoon()
    keeper.trimSoon()
    let task = Task { try await keeper.run() }
    defer { task.cancel() }
    try await eventually("it trims once") { trims.withLock { $0 } == 1 ? () : nil }
    for _ in 0..<50 { keeper.trimSoon() }
    try await eventually("it trims again") { trims.withLock { $0 } >= 2 ? () : nil }
    #expect(trims.withLock { $0 } < 50)
  }

  @Test("Without a request it trims at its own pace")
  func trimsByItself() async throws {
    let trims = Mutex(0)
    let keeper = MemoryKeeper(firstInterval: .milliseconds(1), settlingTime: .zero) { trims.withLock { $0 += 1 } }
    let task = Task { try await keeper.run() }
    defer { task.cancel() }
    try await eventually("it trims three times") { trims.withLock { $0 } >= 3 ? () : nil }
  }
}
