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
      let device = Self.number(attributes[.systemNumber]),
      let inode = Self.number(attributes[.systemFileNumber])
    else { return nil }
    self.device = device
    self.inode = inode
  }

  /// An integer of some width; an NSNumber, which only a cast to a plain type opens, where all of Foundation is linked.
  private static func number(_ value: Any?) -> UInt64? {
    (value as? any BinaryInteger).map { UInt64(truncatingIfNeeded: $0) } ?? value as? UInt64
  }

  /// What stands at a path itself, links not followed; nil where nothing does.
  static func type(of path: String) -> FileAttributeType? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
  }
}
