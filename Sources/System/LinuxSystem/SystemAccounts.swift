package import Glibc

/// Look-ups in this machine's databases of users and groups (nsswitch.conf(5)). They block, on a network directory too.
package enum SystemAccounts {
  package struct User: Hashable, Sendable {
    package let name: String
    package let id: uid_t
    /// The ID of the primary group.
    package let group: gid_t
  }

  /// Nil if the system does not know the user.
  package static func user(_ id: uid_t) -> User? {
    user { getpwuid_r(id, $0, $1, $2, $3) }
  }

  /// Nil if the system does not know the user.
  package static func user(named name: String) -> User? {
    user { getpwnam_r(name, $0, $1, $2, $3) }
  }

  /// The primary and supplementary groups of a user; only the primary one if there are more than 256.
  package static func groups(of user: User) -> [gid_t] {
    var count: Int32 = 256
    var groups = [gid_t](repeating: 0, count: Int(count))
    guard getgrouplist(user.name, user.group, &groups, &count) >= 0 else { return [user.group] }
    return Array(groups.prefix(Int(count)))
  }

  /// Nil if the system does not know the group.
  package static func group(named name: String) -> gid_t? {
    group { getgrnam_r(name, $0, $1, $2, $3) }?.id
  }

  /// The ID in digits if the system has no name for it.
  package static func name(ofUser id: uid_t) -> String { user(id)?.name ?? String(id) }

  /// The ID in digits if the system has no name for it.
  package static func name(ofGroup id: gid_t) -> String {
    group { getgrgid_r(id, $0, $1, $2, $3) }?.name ?? String(id)
  }

  /// The last four parameters of getpwnam_r(3) and its relatives: an entry, the buffer for its texts with its size, and
  /// where to say that it was found. They take pointers; ``entry(_:_:read:)`` alone makes them, and they end with its call.
  private typealias LookUp<Entry> = (
    UnsafeMutablePointer<Entry>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>
  ) -> Int32

  private static func user(_ lookUp: LookUp<passwd>) -> User? {
    entry(passwd(), lookUp) { entry in
      entry.pw_name.map { User(name: String(cString: $0), id: entry.pw_uid, group: entry.pw_gid) }
    }
  }

  private static func group(_ lookUp: LookUp<Glibc.group>) -> (name: String, id: gid_t)? {
    entry(Glibc.group(), lookUp) { entry in
      entry.gr_name.map { (String(cString: $0), entry.gr_gid) }
    }
  }

  /// Calls one of the `…_r` functions; `read` copies from the entry, which points into the buffer.
  private static func entry<Entry, Found>(
    _ empty: Entry, _ lookUp: LookUp<Entry>, read: (Entry) -> Found?
  ) -> Found? {
    // A group with very many members needs more than the kilobyte that sysconf(3) suggests.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256 << 10) { buffer in
      var entry = empty
      var found: UnsafeMutablePointer<Entry>?
      guard let base = buffer.baseAddress, lookUp(&entry, base, buffer.count, &found) == 0, found != nil else {
        return nil
      }
      return read(entry)
    }
  }
}
