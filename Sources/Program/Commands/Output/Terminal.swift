import ArgumentParser
import FoundationEssentials
import Glibc
import LinuxSystem

/// Standard output for data, standard error for messages.
package enum Terminal {
  package static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether standard output is a terminal on which lines can be drawn anywhere.
  static var hasScreen: Bool { isInteractive && ProcessInfo.processInfo.environment["TERM"] != "dumb" }

  /// Writes data. If the reader is gone (`| head`), the program exits quietly; if there is no room, it fails.
  package static func print(_ text: String) throws { try print(Array(text.utf8)) }

  package static func print(_ bytes: [UInt8]) throws {
    if write(bytes, to: STDOUT_FILENO) { return }
    let code = errno
    if code == EPIPE { throw ExitCode.success }
    say("pvescout: cannot write to standard output: \(SystemError.text(code))")
    throw ExitCode.failure
  }

  /// Writes a message of one or several lines. Control characters from files and peers are replaced.
  package static func say(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayWidth.printable(String($0)) }
    _ = write(Array((lines.joined(separator: "\n") + "\n").utf8), to: STDERR_FILENO)
  }

  /// Makes a closed reader an error of `write` instead of a signal.
  package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
