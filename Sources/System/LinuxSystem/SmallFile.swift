import Glibc

/// A regular file of limited size, read as a whole.
package struct SmallFile: Sendable {
  package enum Failure: Error, Hashable, Sendable {
    case directory
    /// A device, a pipe or a socket.
    case notRegular
    case tooLarge(bytes: Int)
    /// The `errno` of the system call that failed.
    case system(Int32)
  }

  package let bytes: [UInt8]
  /// The permission bits, such as 0o640.
  package let permissions: UInt16

  /// - Parameters:
  ///   - limit: the maximum size in bytes.
  ///   - followsLink: false if the path itself may not be a symbolic link.
  package init(path: String, limit: Int, followsLink: Bool = true) throws(Failure) {
    // Without O_NONBLOCK, opening a pipe without a writer would block forever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else { throw .system(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .directory
    default: throw .notRegular
    }
    let size = Int(status.st_size)
    guard size <= limit else { throw .tooLarge(bytes: size) }
    permissions = UInt16(truncatingIfNeeded: status.st_mode & 0o7777)
    bytes = try Self.readAll(descriptor, expecting: size, limit: limit)
  }

  private static func readAll(_ descriptor: Int32, expecting size: Int, limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    // One byte more than expected, so that the end of an unchanged file shows in the same read.
    var buffer = [UInt8](repeating: 0, count: size + 1)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(errno) }
      let isEnd = count < buffer.count
      if isEnd, bytes.isEmpty {
        buffer.removeLast(buffer.count - count)
        return buffer
      }
      bytes += buffer[..<count]
      if isEnd { return bytes }
      if bytes.count > limit { throw .tooLarge(bytes: bytes.count) }
    }
  }
}

/// A text that changes whenever a file is edited, replaced, added or removed, also behind a symbolic link: the path, and
/// the file's inode, size and timestamps.
package enum FileFingerprint {
  package static func of(_ path: String) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return "\(path): error \(errno)" }
    // The time of the last status change also shows that a file has become readable.
    let (written, changed) = (status.st_mtim, status.st_ctim)
    return "\(path): \(status.st_dev).\(status.st_ino) \(status.st_size) \(written.tv_sec).\(written.tv_nsec) "
      + "\(changed.tv_sec).\(changed.tv_nsec)"
  }

  /// The path of the file that a fingerprint is of.
  package static func path(in fingerprint: String) -> String {
    // No ": " follows the path.
    fingerprint.utf8.indices.last { fingerprint.utf8[$0] == UInt8(ascii: ":") }.map { String(fingerprint[..<$0]) }
      ?? fingerprint
  }
}
