import FoundationEssentials

/// What tells one socket file from another that took its name.
///
/// By FileManager, since `struct stat` belongs to another module wherever NIO is imported.
struct FileIdentity: Equatable {
  // As text, since the numbers are NSNumbers or integers as Foundation is linked or not.
  private var device: String
  private var inode: String

  /// Nil where no file of that type stands at the path.
  init?(of type: FileAttributeType, at path: String) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      attributes[.type] as? FileAttributeType == type,
      let device = attributes[.systemNumber], let inode = attributes[.systemFileNumber]
    else { return nil }
    (self.device, self.inode) = ("\(device)", "\(inode)")
  }

  /// What stands at a path itself, links not followed; nil where nothing does.
  static func type(of path: String) -> FileAttributeType? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
  }
}
