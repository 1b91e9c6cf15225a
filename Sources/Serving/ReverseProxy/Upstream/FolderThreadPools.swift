import Synchronization

/// The threads of all folders that routes serve. They end with the last route and the last request of their folder.
final class FolderThreadPools: Sendable {
  private struct Pool { weak var threads: FolderThreads? }

  private let pools = Mutex<[String: Pool]>([:])
  private let maxOperations: Int
  private let onOperation: @Sendable (_ root: String) -> Void

  /// - Parameter onOperation: called before each operation, with its folder.
  init(maxOperations: Int = 1024, onOperation: @escaping @Sendable (_ root: String) -> Void = { _ in }) {
    (self.maxOperations, self.onOperation) = (maxOperations, onOperation)
  }

  /// Routes with the same folder share its threads.
  func threads(of root: String) -> FolderThreads {
    pools.withLock { pools in
      if let threads = pools[root]?.threads { return threads }
      pools = pools.filter { $0.value.threads != nil }
      let threads = FolderThreads(maxOperations: maxOperations) { [onOperation] in onOperation(root) }
      pools[root] = Pool(threads: threads)
      return threads
    }
  }
}
