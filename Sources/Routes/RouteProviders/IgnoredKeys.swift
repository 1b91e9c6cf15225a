import RouteModel
import YAMLDocument

/// The keys of GoDoxy's routes that mean nothing here: accepted, and named once for a file.
struct IgnoredKeys {
  static let names = [
    "middlewares", "homepage", "rules", "rule_file", "path_patterns", "access_log", "load_balance", "agent",
    "inbound_mtls_profile", "ssl_certificate", "ssl_certificate_key", "ssl_protocols",
  ]

  private var aliases: [String: [RouteAlias]] = [:]
  private var first: YAMLPosition?

  mutating func record(_ entry: YAMLEntry, of alias: RouteAlias) {
    aliases[entry.key, default: []].append(alias)
    first = min(first ?? entry.position, entry.position)
  }

  /// The warning that names all of them; nil if there are none.
  var warning: YAMLProblem? {
    guard let first else { return nil }
    let uses = aliases.sorted { $0.key < $1.key }.map { "\($0.key) (\(Self.list($0.value)))" }
    return YAMLProblem(at: first, "ignored, without a meaning here: \(uses.joined(separator: ", "))")
  }

  private static func list(_ aliases: [RouteAlias]) -> String {
    let shown = aliases.prefix(3).map(\.text).joined(separator: ", ")
    return aliases.count > 3 ? "\(shown) and \(aliases.count - 3) more" : shown
  }
}
