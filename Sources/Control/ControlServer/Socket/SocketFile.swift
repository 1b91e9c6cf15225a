import Glibc
import LinuxSystem
import Synchronization

/// The agent's socket file: claimed under a lock, bound with its mode and group, removed only while it is still its
/// own.
///
/// The socket does not listen yet, so no client can connect before mode and group are set (connect(2): `ECONNREFUSED`).
final class SocketFile: Sendable {
  private struct Bound {
    var identity: FileIdentity
    /// Nil once it is taken.
    var descriptor: Int32?
  }

  let path: String
  private let settings: SocketSettings
  private let lock: Mutex<SocketLock>
  private let bound: Mutex<Bound>

  /// Claims the path of a configuration. An existing file is replaced only if it is a socket that does not accept
  /// connections.
  init(_ configuration: SocketConfiguration) throws(SocketError) {
    path = configuration.path
    settings = SocketSettings(configuration)
    let address = try Self.place(of: configuration.path)
    lock = Mutex(try SocketLock(socketPath: configuration.path))
    bound = Mutex(try Self.bind(to: address, configuration))
  }

  deinit { remove() }

  /// The bound socket, once; the caller closes it.
  func releaseDescriptor() -> Int32? { bound.withLock { $0.descriptor.take() } }

  /// Binds again if the file, or that of the lock, was removed or replaced. Returns the new socket to listen on; nil if
  /// everything is in place.
  func restore() throws(SocketError) -> Int32? {
    let result = bound.withLock { bound in
      Result { () throws(SocketError) -> Int32? in
        if FileIdentity(at: path) == bound.identity { return nil }
        let address = try Self.place(of: path)
        try lock.withLock { lock in
          Result { () throws(SocketError) in if !lock.isInPlace { lock = try SocketLock(socketPath: path) } }
        }.get()
        // The socket of before is still open, so that its inode cannot be that of the new file.
        bound = try Self.bind(to: address, settings.current)
        return bound.descriptor.take()
      }
    }
    return try result.get()
  }

  /// Gives the file the mode and group of another configuration of the same path, or throws and changes nothing. If the
  /// file was removed or replaced, the next one gets them, and what is at the path now is left alone.
  func apply(_ configuration: SocketConfiguration) throws(SocketError) {
    let result = bound.withLock { bound in
      Result { () throws(SocketError) -> Void in
        let former = settings.current
        let isOwn = FileIdentity(at: path) == bound.identity
        if isOwn, (configuration.mode, configuration.group) != (former.mode, former.group) {
          try change(former, to: configuration)
        }
        settings.current = configuration
      }
    }
    try result.get()
  }

  private func change(_ former: SocketConfiguration, to next: SocketConfiguration) throws(SocketError) {
    if next.group != former.group, lchown(path, uid_t.max, next.groupID) != 0 {
      throw .failed(path: path, step: .givingToGroup(next.group ?? "\(next.groupID)"), reason: SystemError.text(errno))
    }
    // Unlike chmod(2), follows no link that was put there meanwhile.
    if fchmodat(AT_FDCWD, path, mode_t(next.mode), AT_SYMLINK_NOFOLLOW) == 0 { return }
    let reason = SystemError.text(errno)
    if next.group != former.group { lchown(path, uid_t.max, former.groupID) }
    throw .failed(path: path, step: .settingMode, reason: reason)
  }

  /// Removes the file if it is still the one that was bound here.
  func remove() {
    bound.withLock { bound in
      if let descriptor = bound.descriptor.take() { close(descriptor) }
      if FileIdentity(at: path) == bound.identity { unlink(path) }
    }
  }

  /// The address of a path that is free, or at which there already is a socket.
  private static func place(of path: String) throws(SocketError) -> SocketAddress {
    let address = try SocketAddress(path: path)
    try makeDirectory(of: path)
    if let obstacle = SocketPlace.obstacle(at: path) { throw obstacle }
    return address
  }

  private static func makeDirectory(of path: String) throws(SocketError) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return }
    let directory = String(path[..<slash])
    if access(directory, F_OK) == 0 { return }
    try makeDirectory(of: directory)
    guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
      throw .failed(path: path, step: .makingDirectory(directory), reason: SystemError.text(errno))
    }
  }

  /// Creates a socket with its file, mode and group.
  private static func bind(
    to address: SocketAddress, _ configuration: SocketConfiguration
  ) throws(SocketError) -> Bound {
    let path = configuration.path
    try removeStaleSocket(at: path, address)
    let descriptor = try boundSocket(to: address, path, mode: configuration.mode)
    do throws(SocketError) {
      try apply(mode: configuration.mode, group: configuration.group, path)
      guard let identity = FileIdentity(at: path), identity.kind == .socket else {
        throw SocketError.replaced(path: path)
      }
      return Bound(identity: identity, descriptor: descriptor)
    } catch {
      close(descriptor)
      unlink(path)
      throw error
    }
  }

  /// A socket that accepts a connection is in use; one that refuses it was left behind.
  private static func removeStaleSocket(at path: String, _ address: SocketAddress) throws(SocketError) {
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard probe >= 0 else { throw .failed(path: path, step: .making, reason: SystemError.text(errno)) }
    defer { close(probe) }
    if address.connect(probe) { throw .inUse(path: path, pid: PeerCredentials(descriptor: probe)?.pid) }
    switch errno {
    case ENOENT: return
    case ECONNREFUSED:
      guard unlink(path) == 0 || errno == ENOENT else {
        throw .failed(path: path, step: .removingStale, reason: SystemError.text(errno))
      }
    // The backlog is full: a process listens there and is busy.
    case EAGAIN: throw .inUse(path: path, pid: nil)
    default: throw .failed(path: path, step: .asking, reason: SystemError.text(errno))
    }
  }

  /// The file never allows more than the mode: Linux creates it with the mode of the socket, less the umask.
  private static func boundSocket(
    to address: SocketAddress, _ path: String, mode: UInt16
  ) throws(SocketError) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .failed(path: path, step: .making, reason: SystemError.text(errno)) }
    guard fchmod(descriptor, mode_t(mode)) == 0, address.bind(descriptor) else {
      let reason = SystemError.text(errno)
      close(descriptor)
      throw .failed(path: path, step: .binding, reason: reason)
    }
    return descriptor
  }

  private static func apply(mode: UInt16, group: String?, _ path: String) throws(SocketError) {
    // chown(2) may clear mode bits, so the mode comes second. An unknown group was reported when the configuration was
    // read.
    if let group, let id = SystemAccounts.group(named: group), lchown(path, uid_t.max, id) != 0 {
      throw .failed(path: path, step: .givingToGroup(group), reason: SystemError.text(errno))
    }
    guard chmod(path, mode_t(mode)) == 0 else {
      throw .failed(path: path, step: .settingMode, reason: SystemError.text(errno))
    }
  }
}

extension SocketConfiguration {
  /// The group of a file that had another one: without a known group, the agent's own.
  fileprivate var groupID: gid_t { group.flatMap(SystemAccounts.group(named:)) ?? getegid() }
}

/// Checks the path of a socket before it is used.
package enum SocketPlace {
  /// The reason why the path cannot be used: a file that is not a socket.
  package static func obstacle(at path: String) -> SocketError? {
    switch FileIdentity(at: path)?.kind {
    case nil, .socket: nil
    case .directory: .notASocket(path: path, found: "a directory")
    case .symbolicLink: .notASocket(path: path, found: "a symbolic link")
    case .regular: .notASocket(path: path, found: "a plain file")
    case .special: .notASocket(path: path, found: "a device or pipe")
    }
  }
}
