import RouteModel
import YAMLDocument

// GoDoxy's access control. Only `cidr_whitelist` is enforced here; a route that requires anything else is not served.
extension RouteReader {
  /// Reads `middlewares`, `rules`, `rule_file`, `inbound_mtls_profile` and `ignore_access_control`. Returns the keys
  /// without effect.
  func readAccessControl(into route: inout RouteDeclaration) -> [UnusedKey] {
    var enforced: String?
    let middlewares =
      mapping.mapping("middlewares") { section -> [YAMLEntry] in
        if let allowance = allowance(in: section) {
          (enforced, route.allowedClients) = (allowance.name, allowance.allowed)
        }
        return section.acceptAll().filter { $0.key != enforced }
      } ?? []
    let harmless = middlewares.filter { Self.isHarmless($0.key) }.map {
      UnusedKey("middlewares.\($0.key)", $0, .meaningless)
    }
    let restricting =
      middlewares.filter { !Self.isHarmless($0.key) }.map { UnusedKey("middlewares.\($0.key)", $0, .overruled) }
      + ["rules", "rule_file", "inbound_mtls_profile"].compactMap { key in
        mapping.entry(key).flatMap { Self.isEmpty($0.value) ? nil : UnusedKey(key, $0, .overruled) }
      }
    let isOverruled = mapping.bool("ignore_access_control") == true
    guard !isOverruled, let first = restricting.first else { return harmless + restricting }
    restrict(&route, by: restricting.map(\.name), at: first.position)
    return harmless
  }

  private func restrict(_ route: inout RouteDeclaration, by names: [String], at position: YAMLPosition) {
    let (verb, pronoun) = names.count == 1 ? ("restricts", "it") : ("restrict", "them")
    let reason = "\(Self.list(names)) \(verb) access, which is not enforced here"
    route.restriction = reason
    mapping.reader.warn(
      "route '\(route.alias)' is not served: \(reason). Remove \(pronoun), or serve the route to everybody with "
        + "'ignore_access_control: true'", at: position)
  }

  /// Whether a middleware restricts nothing. Any unknown name may be one that the user defined.
  private static func isHarmless(_ name: String) -> Bool {
    let harmless: Set = [
      "redirecthttp", "setxforwarded", "hidexforwarded", "response", "modifyresponse", "modifyhtml", "themed",
      "errorpage", "customerrorpage",
    ]
    return harmless.contains(name.lowercased().filter { $0 != "_" })
  }

  private static func isEmpty(_ node: YAMLNode) -> Bool {
    switch node.content {
    case .scalar(let scalar): scalar.text.trimmed.isEmpty
    case .sequence(let items): items.isEmpty
    case .mapping(let entries): entries.isEmpty
    }
  }

  private static func list(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return "\(names.dropLast().joined(separator: ", ")) and \(last)"
  }
}
