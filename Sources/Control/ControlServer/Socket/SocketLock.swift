import Glibc
import LinuxSystem

/// The lock beside the socket (`PATH.lock`): one agent per path, as long as its process lives.
///
/// The file remains when the lock is released: removing it could take it from the next holder.
struct SocketLock: ~Copyable {
  private let descriptor: Int32
  private let file: String
  private let identity: FileIdentity?

  init(socketPath path: String) throws(SocketError) {
    file = path + ".lock"
    descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .failed(path: path, step: .openingLock(file), reason: SystemError.text(errno)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      let (holder, reason) = (Self.holder(descriptor), SystemError.text(errno))
      close(descriptor)
      throw isHeld ? .inUse(path: path, pid: holder) : .failed(path: path, step: .locking(file), reason: reason)
    }
    identity = FileIdentity(at: file)
    let text = Array("\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.count, 0)
  }

  /// Whether the lock file is still this one, so that another agent would find the lock.
  var isInPlace: Bool { identity != nil && FileIdentity(at: file) == identity }

  deinit {
    // Closing alone would leave it locked for as long as a child that is being spawned also has the descriptor.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func holder(_ descriptor: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return Int32(String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }
}
