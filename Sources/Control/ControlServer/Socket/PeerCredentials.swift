import Glibc
import LinuxSystem
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

/// Decides which callers may change something through the socket: root, the agent's own user, and members of
/// `socket.admin_group`.
struct AdminPermission: Sendable {
  var ownUser: uid_t = geteuid()
  var adminGroup: String?
  /// The primary and supplementary groups of a user.
  var groups: @Sendable (uid_t) -> [gid_t] = { SystemAccounts.user($0).map(SystemAccounts.groups) ?? [] }

  func allows(_ peer: PeerCredentials) -> Bool {
    if peer.uid == 0 || peer.uid == ownUser { return true }
    // Looked up each time, because members are added and removed while the agent runs.
    guard let adminGroup, let group = SystemAccounts.group(named: adminGroup) else { return false }
    return peer.gid == group || groups(peer.uid).contains(group)
  }

  /// What a caller without permission can do about it.
  var hint: String {
    let group = adminGroup.map { ", or as a member of the group \($0)" } ?? ", or set socket.admin_group"
    return "ask as root, as the agent's own user (uid \(ownUser))\(group)"
  }
}
