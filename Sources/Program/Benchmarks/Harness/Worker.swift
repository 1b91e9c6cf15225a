import Glibc

/// A thread outside Swift's pool, so that two of them run at the same time on two cores.
struct Worker {
  private final class Start {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// The system cannot start another thread.
  struct Refused: Error, CustomStringConvertible {
    let code: Int32
    var description: String { "no thread could be started: error \(code) of pthread_create" }
  }

  private let thread: pthread_t

  init(_ body: @escaping @Sendable () -> Void) throws(Refused) {
    let start = Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw Refused(code: code)
    }
    self.thread = thread
  }

  /// Waits for its end.
  func join() { pthread_join(thread, nil) }
}
