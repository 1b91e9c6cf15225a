import FoundationEssentials

/// The systemd unit that starts the agent, as far as it determines the user (systemd.exec(5)).
package struct ServiceUnit: Hashable, Sendable {
  /// The folders that are searched for units, in order of precedence (systemd.unit(5)).
  package static let folders = [
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system",
  ]

  package private(set) var user = "root"
  package private(set) var groups: [String] = []
  private var command = ""

  /// Parses the texts of a unit and its drop-ins, in order; the last value of a setting counts.
  package init(_ texts: [String]) {
    for line in texts.joined(separator: "\n").split(whereSeparator: \.isNewline) {
      guard let sign = line.firstIndex(of: "="), line.first != "#", line.first != ";" else { continue }
      let value = String(line[line.index(after: sign)...].drop { $0 == " " })
      switch line[..<sign].drop(while: { $0 == " " }).prefix(while: { $0 != " " }) {
      case "User": user = value.isEmpty ? "root" : value
      case "Group" where !value.isEmpty: groups.append(value)
      case "SupplementaryGroups": groups += value.split(separator: " ").map(String.init)
      case "ExecStart": command = value
      default: break
      }
    }
  }

  /// The unit of this machine with its drop-ins; nil if there is none.
  package static func installed(in folders: [String] = folders) -> ServiceUnit? {
    let paths = folders.map { "\($0)/pvescout.service" }
    guard let text = paths.lazy.compactMap(Self.text(of:)).first else { return nil }
    let dropIns = folders.reversed().flatMap { folder in
      let folder = "\(folder)/pvescout.service.d"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.filter { $0.hasSuffix(".conf") }.sorted().compactMap { Self.text(of: "\(folder)/\($0)") }
    }
    return ServiceUnit([text] + dropIns)
  }

  private static func text(of path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether it runs the agent with that file.
  package func runs(configuration path: String) -> Bool {
    let words = command.split(separator: " ")
    guard let option = words.firstIndex(where: { $0 == "--config" || $0 == "-c" || $0.hasPrefix("--config=") }) else {
      return !command.isEmpty && path == "/etc/pvescout/pvescout.yml"
    }
    return words[option...].prefix(2).contains { $0 == path || $0 == "--config=\(path)" }
  }
}
