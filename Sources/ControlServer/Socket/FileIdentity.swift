import Foundation

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
      let device = Self.number(attributes[.systemNumber]), let inode = Self.number(attributes[.systemFileNumber])
    else { return nil }
    (self.device, self.inode) = (device, inode)
  }

  /// Attributes are `NSNumber` where the whole of Foundation is linked, and plain integers where only its essentials are.
  private static func number(_ attribute: Any?) -> UInt64? {
    if let number = attribute as? NSNumber { return number.uint64Value }
    return (attribute as? any BinaryInteger).map { UInt64(truncatingIfNeeded: $0) }
  }

  /// What stands at a path itself, links not followed; nil where nothing does.
  static func type(of path: String) -> FileAttributeType? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
  }
}
