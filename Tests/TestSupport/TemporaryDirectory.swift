import Foundation

/// A folder for one test, removed when this value is released. The path is short, so that a socket path fits into it.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init() throws {
    path = "/tmp/pvs-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and creates its folders; returns its path.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    let file = file(name)
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
