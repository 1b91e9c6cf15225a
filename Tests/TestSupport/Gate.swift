import Synchronization

/// What a script waits for until its test opens it.
package final class Gate: Sendable {
  private let isOpen = Mutex(false)

  package init() {}

  package func open() { isOpen.withLock { $0 = true } }

  package func wait() async throws {
    try await eventually(every: .milliseconds(5), "the gate opens") { isOpen.withLock { $0 } ? true : nil }
  }
}
