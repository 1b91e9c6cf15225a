import FileServing
import Synchronization

/// The threads of all folders that routes serve.
final class FolderThreadPools: Sendable {
  private struct Pool { weak var threads: FolderThreads? }

  private let pools = Mutex<[String: Pool]>([:])
  private let maxOperations: Int
  private let onOperation: @Sendable (_ root: String) -> Void
  private let start: FolderThreads.Start

  /// - Parameters:
  ///   - onOperation: called before each operation, with its folder.
  ///   - start: starts a thread; replaced in tests.
  init(
    maxOperations: Int = 1024, onOperation: @escaping @Sendable (_ root: String) -> Void = { _ in },
    start: @escaping FolderThreads.Start = FolderThreads.startThread
  ) {
    (self.maxOperations, self.onOperation, self.start) = (maxOperations, onOperation, start)
  }

  /// Routes with the same folder share its threads.
  func threads(of root: String) -> FolderThreads {
    pools.withLock { pools in
      if let threads = pools[root]?.threads { return threads }
      pools = pools.filter { $0.value.threads != nil }
      let threads = FolderThreads(
        maxOperations: maxOperations, onOperation: { [onOperation] in onOperation(root) }, start: start)
      pools[root] = Pool(threads: threads)
      return threads
    }
  }
}
