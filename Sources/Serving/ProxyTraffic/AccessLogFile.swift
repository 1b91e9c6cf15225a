import Glibc
import LinuxSystem

/// The file of the access log. Every call may block, on a disk or on a reader of standard output.
struct AccessLogFile: ~Copyable {
  private let path: String
  /// -1 while there is none.
  private var descriptor: Int32 = -1
  /// Whether a line was written in part and its rest was lost.
  private var isLineOpen = false

  init(path: String) { self.path = path }

  deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

  struct Failure: Error, CustomStringConvertible {
    var path: String
    var action: String
    var code: Int32
    /// The number of bytes that were written before the failure.
    var written = 0

    var description: String {
      "the access log \(path) cannot be \(action): \(SystemError.text(code)); see that its folder exists and this user may write there"
    }
  }

  /// Opens the path again if it no longer names the open file, as after a rotation; always if `always` is true.
  mutating func reopenIfMoved(always: Bool = false) throws(Failure) {
    guard path != "-" else { return descriptor = STDOUT_FILENO }
    if !always, descriptor >= 0, isStillNamed { return }
    // Without O_NONBLOCK, opening a pipe without a reader would block.
    let opened = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0o640)
    guard opened >= 0 else { throw Failure(path: path, action: "opened", code: errno) }
    if descriptor >= 0 { close(descriptor) }
    (descriptor, isLineOpen) = (opened, false)
  }

  private var isStillNamed: Bool {
    var (named, own) = (stat(), stat())
    return stat(path, &named) == 0 && fstat(descriptor, &own) == 0 && named.st_dev == own.st_dev
      && named.st_ino == own.st_ino
  }

  mutating func write(_ bytes: [UInt8]) throws(Failure) {
    if isLineOpen {
      guard writeAll([UInt8(ascii: "\n")]) == nil else {
        throw Failure(path: path, action: "written", code: errno)
      }
      isLineOpen = false
    }
    guard let failure = writeAll(bytes) else { return }
    isLineOpen = failure.written > 0 && bytes[failure.written - 1] != UInt8(ascii: "\n")
    throw failure
  }

  private func writeAll(_ bytes: [UInt8]) -> Failure? {
    bytes.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return Failure(path: path, action: "written", code: errno, written: written) }
        written += count
      }
      return nil
    }
  }
}
