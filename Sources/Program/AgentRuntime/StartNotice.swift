import Synchronization

/// Calls back once when all listeners are open.
final class StartNotice: Sendable {
  private let missing: Mutex<Int>
  private let whenReady: @Sendable () -> Void

  /// - Parameter parts: the number of calls of ``partListens()`` to wait for.
  init(parts: Int, whenReady: @escaping @Sendable () -> Void) {
    missing = Mutex(parts)
    self.whenReady = whenReady
  }

  func partListens() {
    let isLast = missing.withLock { missing in
      missing -= 1
      return missing == 0
    }
    if isLast { whenReady() }
  }
}
