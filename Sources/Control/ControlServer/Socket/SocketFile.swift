import FoundationEssentials
import Glibc
import Synchronization

/// The agent's socket file: claimed under a lock, bound with its mode and group, removed only while it is still ours.
///
/// The socket does not listen yet, so nobody can connect before mode and group hold (connect(2): `ECONNREFUSED`).
final class SocketFile: Sendable {
  let path: String
  private let lock: SocketLock
  private let identity: FileIdentity
  private let descriptor: Mutex<Int32?>

  /// Claims the path of a configuration. What stands there is replaced only if it is a socket that nobody answers on.
  init(_ configuration: SocketConfiguration) throws(SocketError) {
    let path = configuration.path
    let address = try SocketAddress(path: path)
    try Self.makeDirectory(of: path)
    if let obstacle = SocketPlace.obstacle(at: path) { throw obstacle }
    let lock = try SocketLock(socketPath: path)
    try Self.removeStaleSocket(at: path, address)
    let descriptor = try Self.bound(to: address, path)
    do throws(SocketError) {
      try Self.apply(mode: configuration.mode, group: configuration.group, path)
      guard let identity = FileIdentity(socketAt: path) else {
        throw SocketError.replaced(path: path)
      }
      self.identity = identity
    } catch {
      close(descriptor)
      unlink(path)
      throw error
    }
    self.path = path
    self.lock = lock
    self.descriptor = Mutex(descriptor)
  }

  deinit { remove() }

  /// The bound socket, once: who takes it closes it.
  func takeDescriptor() -> Int32? { descriptor.withLock { $0.take() } }

  /// Removes the file if it is still the one that was bound here.
  func remove() {
    if let descriptor = takeDescriptor() { close(descriptor) }
    if FileIdentity(socketAt: path) == identity { unlink(path) }
  }

  private static func makeDirectory(of path: String) throws(SocketError) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return }
    let directory = String(path[..<slash])
    if access(directory, F_OK) == 0 { return }
    try makeDirectory(of: directory)
    guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
      throw .failed(path: path, step: .makingDirectory(directory), reason: .lastSystemError())
    }
  }

  /// Whoever accepts a connection is alive; a socket that refuses it was left behind.
  private static func removeStaleSocket(at path: String, _ address: SocketAddress) throws(SocketError) {
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard probe >= 0 else { throw .failed(path: path, step: .making, reason: .lastSystemError()) }
    defer { close(probe) }
    if address.connect(probe) { throw .inUse(path: path, pid: PeerCredentials(descriptor: probe)?.pid) }
    switch errno {
    case ENOENT: return
    case ECONNREFUSED:
      guard unlink(path) == 0 || errno == ENOENT else {
        throw .failed(path: path, step: .removingStale, reason: .lastSystemError())
      }
    // A full backlog: somebody listens, and is busy.
    case EAGAIN: throw .inUse(path: path, pid: nil)
    default: throw .failed(path: path, step: .asking, reason: .lastSystemError())
    }
  }

  private static func bound(to address: SocketAddress, _ path: String) throws(SocketError) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .failed(path: path, step: .making, reason: .lastSystemError()) }
    guard address.bind(descriptor) else {
      let reason = String.lastSystemError()
      close(descriptor)
      throw .failed(path: path, step: .binding, reason: reason)
    }
    return descriptor
  }

  private static func apply(mode: UInt16, group: String?, _ path: String) throws(SocketError) {
    // chown(2) may clear mode bits, so the mode comes second. Who reads the configuration was warned of an unknown group.
    if let group, let id = SystemGroup.id(named: group), lchown(path, uid_t.max, id) != 0 {
      throw .failed(path: path, step: .givingToGroup(group), reason: .lastSystemError())
    }
    guard chmod(path, mode_t(mode)) == 0 else {
      throw .failed(path: path, step: .settingMode, reason: .lastSystemError())
    }
  }
}
