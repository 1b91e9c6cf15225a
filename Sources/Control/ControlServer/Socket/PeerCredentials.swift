import Glibc
import NIOCore

/// The process at the other end of a Unix socket (`SO_PEERCRED`, unix(7)).
struct PeerCredentials: Hashable, Sendable {
  // The layout of the kernel's `struct ucred`, which glibc declares only with _GNU_SOURCE.
  var pid: Int32 = 0
  var uid: UInt32 = .max
  var gid: UInt32 = .max

  init(pid: Int32, uid: UInt32, gid: UInt32) { (self.pid, self.uid, self.gid) = (pid, uid, gid) }

  init?(descriptor: Int32) {
    var length = socklen_t(MemoryLayout<Self>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &self, &length) == 0 else { return nil }
  }

  /// The credentials of the process that opened a connection.
  init?(of channel: any Channel) async {
    guard let provider = channel as? any SocketOptionProvider else { return nil }
    let value: EventLoopFuture<Self> = provider.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    guard let credentials = try? await value.get() else { return nil }
    self = credentials
  }
}
