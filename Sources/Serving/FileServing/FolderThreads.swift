package import Dispatch
import LinuxSystem
import Synchronization

/// The threads that read the files of one folder, for all event loops together. They are started when they are needed,
/// and end when they have been idle for some time.
///
/// A folder may hang (on a network share whose server is gone): then its threads wait, and those of other folders do
/// not.
package final class FolderThreads: Sendable {
  package typealias Operation = @Sendable () -> Void
  /// Runs an operation on a new thread; throws if the system has none.
  package typealias Start = @Sendable (@escaping Operation) throws -> Void

  private static let maxThreads = 4

  private struct State {
    /// The operations that wait for a thread.
    var waiting: [Operation] = []
    var running = 0
    var threads = 0
    /// The threads that wait for an operation and are not woken yet.
    var idleThreads = 0
  }

  private let state = Mutex(State())
  /// Wakes one idle thread.
  private let wakeup = DispatchSemaphore(value: 0)
  private let maxOperations: Int
  private let idleTime: DispatchTimeInterval
  private let onOperation: Operation
  private let start: Start

  /// - Parameters:
  ///   - maxOperations: from this many on, no more requests are accepted.
  ///   - onOperation: called on the thread before each operation; tests let it hang.
  ///   - start: replaced in tests.
  package init(
    maxOperations: Int, idleTime: DispatchTimeInterval = .seconds(10), onOperation: @escaping Operation,
    start: @escaping Start = FolderThreads.startThread
  ) {
    (self.maxOperations, self.idleTime) = (maxOperations, idleTime)
    (self.onOperation, self.start) = (onOperation, start)
  }

  package static let startThread: Start = { body in try EventThread.run("folder-files", body) }

  package var threadCount: Int { state.withLock { $0.threads } }

  /// The number of operations that run or wait for a thread.
  package var operationCount: Int { state.withLock { $0.running + $0.waiting.count } }

  /// Whether too many operations wait: the folder hangs, or its disk is too slow.
  package var isOverloaded: Bool { operationCount >= maxOperations }

  /// Runs an operation that may block, on one of the threads. Throws if there is none and none can be started.
  package func run(_ operation: @escaping Operation) throws {
    try state.withLock { state in
      if state.idleThreads > 0 {
        state.idleThreads -= 1
        wakeup.signal()
      } else if state.threads < Self.maxThreads {
        do {
          try start { self.work() }
          state.threads += 1
        } catch {
          // One of the others runs it.
          if state.threads == 0 { throw error }
        }
      }
      state.waiting.append(operation)
    }
  }

  /// A thread's loop.
  private func work() {
    while let operation = next() {
      onOperation()
      operation()
      state.withLock { $0.running -= 1 }
    }
  }

  /// Waits for an operation; nil if the thread has been idle for too long, and ends.
  private func next() -> Operation? {
    while true {
      let operation = state.withLock { state -> Operation? in
        if state.waiting.isEmpty {
          state.idleThreads += 1
          return nil
        }
        state.running += 1
        return state.waiting.removeFirst()
      }
      if let operation { return operation }
      while wakeup.wait(timeout: .now() + idleTime) == .timedOut {
        let ends = state.withLock { state in
          // All threads that still wait are being woken. Another one may come before this one, which then waits on.
          guard state.idleThreads > 0 else { return false }
          state.idleThreads -= 1
          state.threads -= 1
          return true
        }
        if ends { return nil }
      }
    }
  }
}
