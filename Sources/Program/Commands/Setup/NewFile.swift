import Glibc
import LinuxSystem

/// A file that has its owner and mode before anything is written to it, and that appears as a whole.
///
/// It is made under another name in the same folder; that name is removed with this value.
final class NewFile {
  let path: String
  private let draft: String
  private let descriptor: Int32

  /// Throws if the folder cannot be written, or the group cannot be given the file.
  ///
  /// - Parameter group: nil for this process's own.
  init(_ path: String, mode: mode_t, group: gid_t?) throws(SystemError) {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    self.path = path
    draft = "\(path[..<slash]).\(path[slash...]).setup-\(getpid())"
    descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError("creating \(draft)") }
    if let group, fchown(descriptor, uid_t.max, group) != 0 { throw SystemError("chgrp of \(draft)") }
    guard fchmod(descriptor, mode) == 0 else { throw SystemError("chmod of \(draft)") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(draft)
  }

  /// Writes the content and gives the file its name. Fails if there is a file of that name.
  ///
  /// - Parameter replacing: takes the place of that file instead.
  func commit(_ text: String, replacing: Bool = false) throws(SystemError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError("writing \(draft)") }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw SystemError("writing \(draft)") }
    guard (replacing ? rename(draft, path) : link(draft, path)) == 0 else { throw SystemError("creating \(path)") }
  }
}
