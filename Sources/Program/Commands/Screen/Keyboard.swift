import Glibc
import LinuxSystem
import Synchronization

/// The terminal's keyboard, read key by key and without an echo.
final class Keyboard: Sendable {
  /// The interval at which a reader checks whether it is cancelled.
  private static let pollMilliseconds: Int32 = 100

  private let usualMode: termios
  private let isCancelled = Atomic(false)

  /// Nil if standard input is no terminal, or belongs to another job.
  init?() {
    var mode = termios()
    guard tcgetattr(STDIN_FILENO, &mode) == 0, tcgetpgrp(STDIN_FILENO) == getpgrp() else { return nil }
    usualMode = mode
  }

  /// Signals still come by their keys, except for Ctrl-Z: the screen must be left first.
  func enter() {
    var mode = usualMode
    mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
    // VSUSP; 0 is no key.
    mode.c_cc.10 = 0
    tcsetattr(STDIN_FILENO, TCSANOW, &mode)
  }

  /// What was typed and not read is dropped: it was not meant for the shell.
  func leave() {
    var mode = usualMode
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode)
  }

  /// Calls `onKey` for each key until it returns false, the input ends or the task is cancelled.
  func read(_ onKey: @escaping @Sendable (Key) -> Bool) async {
    await withTaskCancellationHandler {
      await offPool { self.readBlocking(onKey) }
    } onCancel: {
      isCancelled.store(true, ordering: .releasing)
    }
  }

  private func readBlocking(_ onKey: (Key) -> Bool) {
    var (parser, buffer) = (KeyParser(), [UInt8](repeating: 0, count: 256))
    while !isCancelled.load(ordering: .acquiring) {
      var polled = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard poll(&polled, 1, Self.pollMilliseconds) > 0 else { continue }
      let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { return }
      for key in parser.feed(buffer[..<count]) where !onKey(key) { return }
    }
  }
}
