import ControlServer
import LinuxSystem
import YAMLDocument

/// Reads `socket:`.
struct SocketReader {
  let context: ConfigurationContext

  /// `sun_path` of unix(7) has 108 bytes, including the terminating 0.
  private static let maxPathBytes = 107

  func read(_ section: YAMLMapping, into socket: inout SocketConfiguration) {
    socket.path = section.text("path").flatMap(path) ?? socket.path
    socket.mode =
      section.value("mode", "octal permissions such as \"0660\"", parse: Self.mode) ?? socket.mode
    socket.group = group(section, "group", without: "the socket keeps the agent's own")
    socket.adminGroup = group(section, "admin_group", without: "only root and the agent's own user may reload")
  }

  private func path(_ text: YAMLText) -> String? {
    let path = context.resolve(text.value)
    let length = path.utf8.count
    if text.value.isEmpty || text.value.hasSuffix("/") {
      context.reader.report("path must name the socket itself, found '\(text.written)'", at: text.position)
    } else if length > Self.maxPathBytes {
      context.reader.report(
        "path '\(path)' has \(length) bytes, a Unix socket's at most \(Self.maxPathBytes): choose a shorter one",
        at: text.position)
    } else if let obstacle = SocketPlace.obstacle(at: path) {
      context.reader.report("\(obstacle)", at: text.position)
    } else {
      return path
    }
    return nil
  }

  /// Octal with or without a leading `0` or `0o`.
  private static func mode(_ text: String) -> UInt16? {
    UInt16(text.hasPrefix("0o") ? String(text.dropFirst(2)) : text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
  }

  /// A missing group is only a warning: the file may be meant for another machine, or the group directory may be
  /// unavailable.
  private func group(_ section: YAMLMapping, _ key: String, without consequence: String) -> String? {
    let group = section.value(key, "the name of a group") { text in
      text.isEmpty || text.contains { $0.isWhitespace || $0 == ":" } ? nil : text
    }
    if let group, SystemAccounts.group(named: group) == nil {
      context.warn(
        "\(key) names '\(group)', a group that this machine does not know, and without it \(consequence): "
          + "groupadd --system \(group), and reload", at: section.position(of: key))
    }
    return group
  }
}
