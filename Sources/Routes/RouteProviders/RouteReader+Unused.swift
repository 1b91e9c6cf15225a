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

  /// Reads the keys about other routes and agents, and about load.
  private func sharing() -> [UnusedKey] {
    let isHTTP = { (text: String) in text.hasPrefix("http://") || text.hasPrefix("https://") ? text : nil }
    let stated: [(key: String, hasEffect: Bool)] = [
      ("pool", mapping.bool("pool") == true),
      ("priority", mapping.int("priority", in: -1_000_000...1_000_000) ?? 0 != 0),
      ("public_url", mapping.value("public_url", "an http or https URL", parse: isHTTP) != nil),
      ("max_conns_per_host", mapping.int("max_conns_per_host", in: 0...1_000_000) ?? 0 != 0),
    ]
    return stated.filter(\.hasEffect).compactMap { stated in
      mapping.entry(stated.key).map { UnusedKey(stated.key, $0, .notYet) }
    }
  }

  /// Reads `idlewatcher:` except for its link.
  func idleKeys(_ section: YAMLMapping) -> [UnusedKey] {
    let isDuration = { (text: String) in DurationText.parse(text.hasPrefix("-") ? String(text.dropFirst()) : text) }
    let timeout = section.value("idle_timeout", "a duration such as 30m", parse: isDuration)
    for key in ["wake_timeout", "stop_timeout"] { _ = section.duration(key, atLeast: .milliseconds(1)) }
    _ = section.choice("stop_method", StopMethod.self)
    _ = section.value("start_endpoint", "a path that begins with '/'") { $0.hasPrefix("/") ? $0 : nil }
    for key in ["depends_on", "schedule"] { _ = section.strings(key) }
    for key in ["no_loading_page", "keep_external", "wake_node"] { _ = section.bool(key) }
    for key in ["idle_cpu", "idle_net"] { _ = section.text(key) }
    _ = section.int("max_starts_per_hour", in: 1...1000)
    let meaningless = section.accept(["docker", "stop_signal"]).map {
      UnusedKey("idlewatcher.\($0.key)", $0, .meaningless)
    }
    let idle = mapping.entry("idlewatcher").flatMap { entry in
      timeout.map { $0 != .zero } == true ? UnusedKey("idlewatcher", entry, .notYet) : nil
    }
    return [idle].compactMap { $0 } + meaningless
  }

  private enum StopMethod: String, CaseIterable { case stop, pause, kill }
}
