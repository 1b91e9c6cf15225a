import Glibc

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
    let group = name(ofGroup: status.st_gid)
    let asGroup =
      status.st_mode & 0o060 == 0o060 && status.st_gid != 0
      ? ", or join that group ('usermod -aG \(group) \(name(ofUser: geteuid()))', then log in anew)"
      : ", or set socket.group in pvescout.yml to a group of yours"
    return "it belongs to \(name(ofUser: status.st_uid)) and the group \(group) (mode 0\(mode)): ask as root\(asGroup)"
  }

  private static func name(ofUser id: uid_t) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let base = buffer.baseAddress, getpwuid_r(id, &entry, base, buffer.count, &found) == 0, found != nil,
        let name = entry.pw_name
      else { return String(id) }
      return String(cString: name)
    }
  }

  private static func name(ofGroup id: gid_t) -> String {
    // Groups with a large number of members need more.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256 << 10) { buffer in
      var entry = group()
      var found: UnsafeMutablePointer<group>?
      guard let base = buffer.baseAddress, getgrgid_r(id, &entry, base, buffer.count, &found) == 0, found != nil,
        let name = entry.gr_name
      else { return String(id) }
      return String(cString: name)
    }
  }
}
