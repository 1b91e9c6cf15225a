import Synchronization

/// The current port of the HTTPS listener.
final class SecurePort: Sendable {
  private let port = Atomic<UInt32>(0)

  /// Nil without a listener.
  var value: UInt16? {
    get { UInt16(exactly: port.load(ordering: .relaxed)).flatMap { $0 == 0 ? nil : $0 } }
    set { port.store(UInt32(newValue ?? 0), ordering: .relaxed) }
  }
}
