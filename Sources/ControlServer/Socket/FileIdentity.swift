import FoundationEssentials

/// What tells one socket file from another that took its name.
///
/// By FileManager, since `struct stat` belongs to another module wherever NIO is imported.
struct FileIdentity: Equatable {
  private var device: UInt64
  private var inode: UInt64

  /// Nil where no socket stands at the path.
  init?(socketAt path: String) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      attributes[.type] as? FileAttributeType == .typeSocket,
      let device = attributes[.systemNumber] as? any BinaryInteger,
      let inode = attributes[.systemFileNumber] as? any BinaryInteger
    else { return nil }
    self.device = UInt64(truncatingIfNeeded: device)
    self.inode = UInt64(truncatingIfNeeded: inode)
  }

  /// What stands at a path itself, links not followed; nil where nothing does.
  static func type(of path: String) -> FileAttributeType? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
  }
}
