import CCurl
import Glibc

/// A detached POSIX thread for work that blocks for as long as the program runs.
enum EngineThread {
  private final class Start {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` on a thread of its own that no signal reaches.
  static func run(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    // SIGPIPE above all: OpenSSL writes with write(2), and libcurl leaves signals alone with `CURLOPT_NOSIGNAL`.
    // Signals for errors of the thread itself stay, so that a crash is still reported.
    var blocked = sigset_t()
    var previous = sigset_t()
    sigfillset(&blocked)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&blocked, signal) }
    pthread_sigmask(SIG_SETMASK, &blocked, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

    let start = Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        ccurl_name_this_thread("http-transfers")
        Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw SystemError("pthread_create", code: code)
    }
    pthread_detach(thread)
  }
}
