import Glibc

/// The groups of this system, as the name service knows them.
package enum SystemGroup {
  package static func exists(_ name: String) -> Bool { id(named: name) != nil }

  static func id(named name: String) -> gid_t? {
    withBuffer { buffer in
      var entry = group()
      var found: UnsafeMutablePointer<group>?
      guard let base = buffer.baseAddress else { return nil }
      let status = getgrnam_r(name, &entry, base, buffer.count, &found)
      return status == 0 && found != nil ? entry.gr_gid : nil
    }
  }

  /// The primary and supplementary groups of a user; empty for a user that this system does not know.
  static func ids(ofUser user: uid_t) -> [gid_t] {
    withBuffer { buffer in
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let base = buffer.baseAddress, getpwuid_r(user, &entry, base, buffer.count, &found) == 0, found != nil,
        let name = entry.pw_name
      else { return [] }
      var count: Int32 = 256
      var groups = [gid_t](repeating: 0, count: Int(count))
      guard getgrouplist(name, entry.pw_gid, &groups, &count) >= 0 else { return [entry.pw_gid] }
      return Array(groups.prefix(Int(count)))
    }
  }

  // Groups with very many members need more than the kilobyte that sysconf(3) suggests.
  private static func withBuffer<Result>(_ body: (UnsafeMutableBufferPointer<CChar>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256 << 10, body)
  }
}
