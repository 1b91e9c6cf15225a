import RouteModel
import YAMLDocument

// Keys of a route that have no effect. Their values are checked as far as possible, so that mistakes show.
extension RouteReader {
  /// Keys of GoDoxy without a meaning here.
  private static let meaningless = [
    "path_patterns", "access_log", "load_balance", "agent", "ssl_certificate", "ssl_certificate_key", "ssl_protocols",
    "disable_compression", "alias",
  ]

  func unusedKeys() -> [UnusedKey] {
    mapping.accept(Self.meaningless).map { UnusedKey($0.key, $0, .meaningless) } + homepage() + sharing()
  }

  private func homepage() -> [UnusedKey] {
    mapping.mapping("homepage") { section in
      _ = section.bool("show")
      _ = section.bool("favorite")
      for key in ["name", "icon", "category", "description", "desc", "url"] { _ = section.text(key) }
      section.accept(["widget_config", "widget"])
    }
    return mapping.entry("homepage").map { [UnusedKey("homepage", $0, .notYet)] } ?? []
  }

  /// Reads the keys about other routes and agents.
  private func sharing() -> [UnusedKey] {
    let isHTTP = { (text: String) in text.hasPrefix("http://") || text.hasPrefix("https://") ? text : nil }
    let stated: [(key: String, hasEffect: Bool)] = [
      ("pool", mapping.bool("pool") == true),
      ("priority", mapping.int("priority", in: -1_000_000...1_000_000) ?? 0 != 0),
      ("public_url", mapping.value("public_url", "an http or https URL", parse: isHTTP) != nil),
    ]
    return stated.filter(\.hasEffect).compactMap { stated in
      mapping.entry(stated.key).map { UnusedKey(stated.key, $0, .notYet) }
    }
  }
}
