import Glibc
import LinuxSystem

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
