import Glibc

/// The kind, device and inode of a file, to detect that another one has taken its name.
package struct FileIdentity: Hashable, Sendable {
  package enum Kind: Sendable {
    case regular, directory, symbolicLink, socket
    /// A device or a pipe.
    case special
  }

  package let kind: Kind
  private let device: dev_t
  private let inode: ino_t

  /// Does not follow a symbolic link. Nil if there is no file at the path, or none that this process can see.
  package init?(at path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .symbolicLink
      case S_IFSOCK: .socket
      default: .special
      }
    (device, inode) = (status.st_dev, status.st_ino)
  }
}
