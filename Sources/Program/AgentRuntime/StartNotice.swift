import Synchronization

/// Called once when all that has to listen does.
final class StartNotice: Sendable {
  private let missing: Mutex<Int>
  private let whenReady: @Sendable () -> Void

  /// - Parameter parts: how many calls of ``partListens()`` it takes.
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
