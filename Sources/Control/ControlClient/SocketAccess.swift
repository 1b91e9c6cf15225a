import Glibc
import LinuxSystem

/// Explains why a socket file cannot be opened.
enum SocketAccess {
  /// Why this process may not open it, and what to do about it; nil if permission bits are not the reason.
  static func refusal(at path: String) -> String? {
    if access(path, R_OK | W_OK) == 0 || errno != EACCES { return nil }
    var status = stat()
    guard stat(path, &status) == 0 else {
      return "this user may not enter its folder: ask as root, or as the agent's user"
    }
    let mode = String(status.st_mode & 0o777, radix: 8)
    let group = SystemAccounts.name(ofGroup: status.st_gid)
    let asGroup =
      status.st_mode & 0o060 == 0o060 && status.st_gid != 0
      ? ", or join that group ('usermod -aG \(group) \(SystemAccounts.name(ofUser: geteuid()))', then log in again)"
      : ", or set socket.group in pvescout.yml to a group of yours"
    let owner = SystemAccounts.name(ofUser: status.st_uid)
    return "it belongs to \(owner) and the group \(group) (mode 0\(mode)): ask as root\(asGroup)"
  }
}
