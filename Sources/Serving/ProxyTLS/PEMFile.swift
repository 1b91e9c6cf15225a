import Glibc
import HTTPTransport
import LinuxSystem

/// The content of a small file, and its permissions at that moment.
struct PEMFile {
  var bytes: [UInt8]
  /// Whether every user of the machine can read it.
  var isReadableByAll: Bool

  /// The most bytes that are read; a chain takes about 6 kB, a folder's worth of CAs 300 kB.
  static let limit = 4 << 20

  /// Why a file cannot be read, without its path.
  struct Failure: Error {
    var reason: String

    init(_ reason: String) { self.reason = reason }
    init(code: Int32) {
      reason =
        switch code {
        case ENOENT, ENOTDIR: "no such file"
        case EACCES, EPERM: "permission denied"
        default: SystemError.text(code)
        }
    }
  }

  init(path: String) throws(Failure) {
    // Without O_NONBLOCK, opening a pipe without a writer would block for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Failure(code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Failure("this is no regular file") }
    guard status.st_size <= Self.limit else { throw Failure("it has \(status.st_size) bytes, too many") }
    isReadableByAll = status.st_mode & 0o004 != 0
    bytes = try Self.readAll(descriptor)
  }

  private static func readAll(_ descriptor: Int32) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(code: errno) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      if bytes.count > limit { throw Failure("it has more than \(limit) bytes") }
    }
  }

  /// Changes whenever a file is edited or replaced, also behind a symbolic link, as ACME clients renew.
  static func fingerprint(_ path: String) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return "\(path): error \(errno)" }
    // The time of the last status change also covers a file that became readable.
    let (written, changed) = (status.st_mtim, status.st_ctim)
    return "\(path): \(status.st_dev).\(status.st_ino) \(status.st_size) \(written.tv_sec).\(written.tv_nsec) "
      + "\(changed.tv_sec).\(changed.tv_nsec)"
  }
}
