import NIOCore
import NIOPosix
import Synchronization

/// The threads that read the files of one folder, for all event loops together.
///
/// A folder may hang (on a network share whose server is gone): then its threads wait, and those of other folders do not.
final class FolderThreads: Sendable {
  private static let threadCount = 4

  private let threads = NIOThreadPool(numberOfThreads: threadCount)
  /// Operations that run or wait for a thread.
  private let operations = Atomic(0)
  private let maxOperations: Int
  private let onOperation: @Sendable () -> Void

  /// - Parameters:
  ///   - maxOperations: from this many on, no more requests are accepted.
  ///   - onOperation: called on the thread before each operation; tests let it hang.
  init(maxOperations: Int, onOperation: @escaping @Sendable () -> Void) {
    (self.maxOperations, self.onOperation) = (maxOperations, onOperation)
    threads.start()
  }

  /// The last operation has ended, because each refers to this object.
  deinit { threads.shutdownGracefully { _ in } }

  var operationCount: Int { operations.load(ordering: .relaxed) }

  /// Whether too many operations wait: the folder hangs, or its disk is too slow.
  var isOverloaded: Bool { operationCount >= maxOperations }

  /// Runs an operation that may block, on one of the threads.
  func run<Value: Sendable>(
    on eventLoop: any EventLoop, _ operation: @escaping @Sendable () throws -> Value
  ) -> EventLoopFuture<Value> {
    operations.add(1, ordering: .relaxed)
    return threads.runIfActive(eventLoop: eventLoop) { [self] in
      defer { operations.subtract(1, ordering: .relaxed) }
      onOperation()
      return try operation()
    }
  }

  /// Runs an operation that may block and whose end is not of interest, on one of the threads.
  func run(_ operation: @escaping @Sendable () -> Void) {
    operations.add(1, ordering: .relaxed)
    threads.submit { [self] _ in
      defer { operations.subtract(1, ordering: .relaxed) }
      onOperation()
      operation()
    }
  }
}
