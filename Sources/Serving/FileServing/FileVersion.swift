import Glibc
import PrintableText

/// The state of a file's content, from which validators are derived (RFC 9110 §8.8).
struct FileVersion: Hashable, Sendable {
  /// In bytes.
  let size: Int
  /// In seconds since 1970.
  let modified: Int
  /// A strong entity tag, including its quotes.
  let entityTag: String

  init(_ status: stat) {
    size = Int(status.st_size)
    modified = status.st_mtim.tv_sec
    entityTag =
      "\"\([Int(status.st_ino), size, modified, status.st_mtim.tv_nsec].map { String($0, radix: 36) }.joined(separator: "-"))\""
  }

  var lastModified: String { HTTPDate.text(modified) }
}
