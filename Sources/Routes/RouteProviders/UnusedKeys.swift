import RouteModel
import YAMLDocument

/// A key of a route that has no effect.
struct UnusedKey {
  enum Reason: CaseIterable {
    case meaningless
    case notYet
    /// It is for file servers, and the route is none.
    case fileServerOnly
    /// It restricts access, but the route disables restrictions.
    case overruled

    var text: String {
      switch self {
      case .meaningless: "ignored, without a meaning here"
      case .notYet: "accepted, without an effect yet"
      case .fileServerOnly: "ignored, as only a route with scheme: fileserver serves a folder"
      case .overruled: "access is not restricted, as ignore_access_control says"
      }
    }
  }

  /// The key's name in messages: `idlewatcher.docker`.
  var name: String
  var position: YAMLPosition
  var reason: Reason

  init(_ name: String, _ entry: YAMLEntry, _ reason: Reason) {
    (self.name, position, self.reason) = (name, entry.position, reason)
  }
}

/// The unused keys of a file, grouped by reason.
struct UnusedKeys {
  private var aliases: [UnusedKey.Reason: [String: [RouteAlias]]] = [:]
  private var first: [UnusedKey.Reason: YAMLPosition] = [:]

  mutating func record(_ key: UnusedKey, of alias: RouteAlias) {
    aliases[key.reason, default: [:]][key.name, default: []].append(alias)
    first[key.reason] = min(first[key.reason] ?? key.position, key.position)
  }

  /// One warning for each reason.
  var warnings: [YAMLProblem] {
    UnusedKey.Reason.allCases.compactMap { reason in
      guard let first = first[reason], let aliases = aliases[reason] else { return nil }
      let uses = aliases.sorted { $0.key < $1.key }.map { "\($0.key) (\(Self.list($0.value)))" }
      return YAMLProblem(at: first, "\(reason.text): \(uses.joined(separator: ", "))")
    }
  }

  private static func list(_ aliases: [RouteAlias]) -> String {
    let shown = aliases.prefix(3).map(\.text).joined(separator: ", ")
    return aliases.count > 3 ? "\(shown) and \(aliases.count - 3) more" : shown
  }
}
