import Synchronization

/// Blocks a script until its test opens the gate.
package final class Gate: Sendable {
  private let isOpen = Mutex(false)

  package init() {}

  package func open() { isOpen.withLock { $0 = true } }

  package var isOpenNow: Bool { isOpen.withLock { $0 } }

  package func wait() async throws {
    try await eventually(every: .milliseconds(5), "the gate opens") { isOpenNow ? true : nil }
  }
}
