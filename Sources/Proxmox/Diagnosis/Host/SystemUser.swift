import Glibc
import LinuxSystem

/// A user of this machine with all groups, and the access that permission bits of files allow.
package struct SystemUser: Hashable, Sendable {
  package let name: String
  /// The name of the user's primary group.
  package let group: String
  private let id: uid_t
  private let groups: Set<gid_t>

  /// Nil if this machine does not know the name. `more` names groups besides the user's own.
  package init?(named name: String, groups more: [String] = []) {
    guard let user = SystemAccounts.user(named: name) else { return nil }
    self.name = name
    id = user.id
    groups = Set(SystemAccounts.groups(of: user) + more.compactMap(SystemAccounts.group(named:)))
    group = SystemAccounts.name(ofGroup: user.group)
  }

  /// Why the user cannot read a file; nil if they can, or if it cannot be determined. Access control lists are ignored.
  package func faultReading(_ path: String) -> FileFault? {
    if id == 0 { return nil }
    var folder = Substring(path)
    while let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
      folder = folder[..<slash]
      if let fault = fault(at: String(folder), wanting: S_IXOTH) { return fault }
    }
    return fault(at: path, wanting: S_IROTH)
  }

  /// The first class of bits that fits decides (path_resolution(7)).
  private func fault(at path: String, wanting bit: mode_t) -> FileFault? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    let shift: mode_t = status.st_uid == id ? 6 : groups.contains(status.st_gid) ? 3 : 0
    guard status.st_mode >> shift & bit == 0 else { return nil }
    return FileFault(path: path, mode: UInt16(status.st_mode & 0o7777), isFolder: status.st_mode & S_IFMT == S_IFDIR)
  }
}

/// A file or folder whose permission bits deny access.
package struct FileFault: Hashable, Sendable, CustomStringConvertible {
  package var path: String
  package var mode: UInt16
  package var isFolder: Bool

  package var description: String { "\(path) (mode \(String(mode, radix: 8)))" }

  /// Commands that give the members of a group access.
  package func commands(group: String) -> [String] {
    let path = ShellWord.quote(path)
    return ["chgrp \(ShellWord.quote(group)) \(path)", "chmod \(isFolder ? "g+x" : "640") \(path)"]
  }
}
