import Synchronization

/// Calls back once when all listeners are open.
final class StartNotice: Sendable {
  enum Part: Sendable { case socket, proxy }

  /// Nil once all listen.
  private let missing: Mutex<Set<Part>?>
  private let whenReady: @Sendable () -> Void

  init(_ parts: Set<Part>, whenReady: @escaping @Sendable () -> Void) {
    missing = Mutex(parts)
    self.whenReady = whenReady
  }

  /// Records that a part listens or is no longer configured; only the first call for a part counts.
  func settle(_ part: Part) {
    let isLast = missing.withLock { missing in
      missing?.remove(part)
      guard missing?.isEmpty == true else { return false }
      missing = nil
      return true
    }
    if isLast { whenReady() }
  }
}
