import FoundationEssentials

/// The device and inode of a file, to detect that another one has taken its name.
///
/// Read by FileManager, because `struct stat` belongs to another module wherever NIO is imported.
struct FileIdentity: Equatable {
  // As text, because the numbers are NSNumbers or integers depending on how Foundation is linked.
  private var device: String
  private var inode: String

  /// Nil if there is no file of that type at the path.
  init?(of type: FileAttributeType, at path: String) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      attributes[.type] as? FileAttributeType == type,
      let device = attributes[.systemNumber], let inode = attributes[.systemFileNumber]
    else { return nil }
    (self.device, self.inode) = ("\(device)", "\(inode)")
  }

  /// The type of the file at a path, without following links; nil if there is none.
  static func type(of path: String) -> FileAttributeType? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
  }
}
