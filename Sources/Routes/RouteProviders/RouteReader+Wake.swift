import RouteModel
import YAMLDocument

/// `proxmox.start` as it is stated.
struct StatedStart {
  var value: WakePolicy.Start
  /// `proxmox.start`, or that inside `idlewatcher`.
  var name: String
  var entry: YAMLEntry
}

/// `idlewatcher:` without its link.
struct IdleKeys {
  var policy: WakePolicy
  var unused: [UnusedKey]
}

extension RouteReader {
  /// Nil if the route states nothing of the kind.
  func wakePolicy(_ start: StatedStart?, _ idle: IdleKeys?) -> WakePolicy? {
    guard start != nil || idle != nil else { return nil }
    var policy = idle?.policy ?? WakePolicy()
    // A guest that is stopped by itself must come up by itself.
    policy.start = start?.value ?? (policy.idleTimeout == nil ? .never : .onRequest)
    if let start, start.value == .onLoad, policy.idleTimeout != nil {
      mapping.reader.report(
        "start: on_load keeps the guest running, and idle_timeout stops it: leave out one of them, or say "
          + "start: on_request", at: start.entry.position)
    }
    return policy
  }

  /// GoDoxy's keys, and ours.
  func readIdle(_ section: YAMLMapping) -> IdleKeys {
    var policy = WakePolicy()
    let timeout = idleTimeout(section)
    policy.idleTimeout = timeout.flatMap { $0 > .zero ? $0 : nil }
    policy.wakeTimeout = section.duration("wake_timeout", atLeast: .milliseconds(1)) ?? policy.wakeTimeout
    policy.stopTimeout = section.duration("stop_timeout", atLeast: .milliseconds(1)) ?? policy.stopTimeout
    policy.stopMethod = section.choice("stop_method") ?? policy.stopMethod
    policy.startEndpoint = section.value("start_endpoint", "a path that begins with '/'") { text in
      text.hasPrefix("/") ? String(text.prefix { $0 != "#" }) : nil
    }
    policy.dependencies = dependencies(section)
    policy.showsPage = !(section.bool("no_loading_page") ?? false)
    policy.idleCPU = section.value("idle_cpu", "a share of its processors such as 5%", parse: Self.share)
    policy.idleNetwork = section.value("idle_net", "bytes a second such as 10KB", parse: Self.bytes)
    policy.keepsExternal = section.bool("keep_external") ?? false
    policy.schedule = hours(section)
    policy.wakesNode = section.bool("wake_node") ?? false
    policy.maxStartsPerHour = section.int("max_starts_per_hour", in: 1...1000) ?? policy.maxStartsPerHour
    return IdleKeys(policy: policy, unused: unusedIdleKeys(section))
  }

  /// Below zero it is a dependency's with GoDoxy: started for other routes, and never stopped for itself.
  private func idleTimeout(_ section: YAMLMapping) -> Duration? {
    section.value("idle_timeout", "a duration such as 30m") { text in
      text.hasPrefix("-") ? DurationText.parse(String(text.dropFirst())).map { .zero - $0 } : DurationText.parse(text)
    }
  }

  private func unusedIdleKeys(_ section: YAMLMapping) -> [UnusedKey] {
    section.accept(["docker", "stop_signal"]).map {
      UnusedKey("idlewatcher.\($0.key)", $0, .meaningless)
    }
  }

  /// `db`, `db:service_started`, `db:service_healthy`.
  private func dependencies(_ section: YAMLMapping) -> [WakePolicy.Dependency] {
    (section.strings("depends_on") ?? []).compactMap { text in
      section.value(text, "an entry of depends_on", "an alias, or 'alias:service_healthy' or 'alias:service_started'") {
        let parts = $0.split(separator: ":", omittingEmptySubsequences: false)
        guard let alias = parts.first, !alias.isEmpty, parts.count <= 2 else { return nil }
        switch parts.count == 2 ? parts[1] : "service_started" {
        case "service_started": return WakePolicy.Dependency(alias: String(alias), mustBeHealthy: false)
        case "service_healthy": return WakePolicy.Dependency(alias: String(alias), mustBeHealthy: true)
        default: return nil
        }
      }
    }
  }

  /// A single text is one entry: its commas are between days.
  private func hours(_ section: YAMLMapping) -> [WeeklyHours] {
    guard let node = section.node("schedule") else { return [] }
    let items = if case .sequence(let items) = node.content { items } else { [node] }
    return items.compactMap { node in
      mapping.reader.text(node, "an entry of schedule").flatMap { text in
        section.value(text, "an entry of schedule", "hours such as 'Mon-Fri 08:00-22:00'", parse: WeeklyHours.init)
      }
    }
  }

  private static func share(_ text: String) -> Double? {
    guard text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 100 else { return nil }
    return percent / 100
  }

  /// `10KB`, `1.5MB/s`, `500B`.
  private static func bytes(_ text: String) -> Int? {
    let text = text.hasSuffix("/s") ? text.dropLast(2) : text[...]
    for (unit, factor) in [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1)] where text.hasSuffix(unit) {
      guard let number = Double(text.dropLast(unit.count)), number.isFinite, number > 0 else { return nil }
      let bytes = (number * factor).rounded()
      return bytes >= 1 && bytes <= 1e12 ? Int(bytes) : nil
    }
    return nil
  }
}
