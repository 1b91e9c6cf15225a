import CLinux
import Glibc

/// A detached POSIX thread, for work that blocks.
package enum EventThread {
  private final class Start {
    private let name: StaticString
    private let body: () -> Void

    init(_ name: StaticString, _ body: sending @escaping () -> Void) { (self.name, self.body) = (name, body) }

    func run() {
      name.withUTF8Buffer { clinux_name_this_thread($0.baseAddress) }
      body()
    }
  }

  /// Runs `body` on a new thread that receives no signals.
  /// - Parameter name: the thread's name in the system; at most 15 bytes.
  package static func run(_ name: StaticString, _ body: sending @escaping () -> Void) throws(SystemError) {
    // Mainly for SIGPIPE: OpenSSL writes with write(2), and libcurl leaves signals alone with `CURLOPT_NOSIGNAL`.
    // Signals for errors of the thread itself are not blocked, so that a crash is still reported.
    var blocked = sigset_t()
    var previous = sigset_t()
    sigfillset(&blocked)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&blocked, signal) }
    pthread_sigmask(SIG_SETMASK, &blocked, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

    let start = Unmanaged.passRetained(Start(name, body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Start>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw SystemError("pthread_create", code: code)
    }
    pthread_detach(thread)
  }
}
