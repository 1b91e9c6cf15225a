import Notifications
import ProxmoxDiscovery
import RouteModel
import RouteProviders
import YAMLDocument

/// Reads the top level of pvescout.yml, section by section; problems go to the context.
struct ConfigurationReader {
  let root: YAMLMapping
  let context: ConfigurationContext

  /// The levels of swift-log.
  private enum LogLevel: String, CaseIterable { case trace, debug, info, notice, warning, error, critical }

  func read(into configuration: inout AgentConfiguration) {
    configuration.clusters = clusters()
    root.mapping("discovery") { Self.read($0, into: &configuration.discovery) }
    readProviders(into: &configuration)
    root.mapping("health") { Self.read($0, into: &configuration.health) }
    configuration.notifications = notifications()
    root.mapping("socket") { SocketReader(context: context).read($0, into: &configuration.socket) }
    configuration.proxy = root.mapping("proxy") { ProxyReader(context: context).read($0) }
    if root.states("proxy"), root.node("proxy") == nil {
      context.warn(
        "proxy is empty, and nothing is served: name 'http' or 'https', or remove it", at: root.position(of: "proxy"))
    }
    if let text = root.text("state_dir") { configuration.stateDirectory = context.resolve(text.value) }
    root.mapping("log") { log in
      configuration.log.level = log.choice("level", LogLevel.self)?.rawValue ?? configuration.log.level
      configuration.log.format = log.choice("format") ?? configuration.log.format
    }
  }

  private func clusters() -> [ClusterConfiguration] {
    if let node = root.node("proxmox"), node.entries != nil {
      context.reader.report(
        "proxmox must be a list of clusters, found a mapping: begin the first line of each with '- '", at: node.position
      )
      return []
    }
    var reader = ClusterReader(context: context)
    return (root.list("proxmox") ?? []).compactMap { reader.read($0) }
  }

  private func notifications() -> [NotificationEntry] {
    if let node = root.node("notify"), node.entries != nil {
      context.reader.report(
        "notify must be a list, found a mapping: begin the first line of each entry with '- '", at: node.position)
      return []
    }
    var reader = NotificationReader(context: context)
    return (root.list("notify") ?? []).compactMap { reader.read($0) }
  }

  private func readProviders(into configuration: inout AgentConfiguration) {
    var patterns: [YAMLText]?
    root.mapping("providers") { providers in
      patterns = providers.strings("files")
      configuration.defaultHost = providers.choice("default_host") ?? configuration.defaultHost
    }
    if root.node("providers")?.entries?.contains(where: { $0.key == "files" }) != true {
      context.warn("no route files: name them in providers.files", at: root.position(of: "providers"))
    }
    for pattern in patterns ?? [] where pattern.value.isEmpty {
      context.reader.report("an entry of files is empty", at: pattern.position)
    }
    configuration.routeFiles = RouteFiles(
      patterns: patterns?.map(\.value) ?? [], baseDirectory: context.folder,
      locations: patterns?.map { context.location($0.position) } ?? [])
  }

  private static func read(_ section: YAMLMapping, into discovery: inout DiscoveryConfiguration) {
    // PVE itself refreshes its data every ten seconds; more than two reads a second only waste its CPU time.
    discovery.interval = section.duration("interval", atLeast: .milliseconds(500)) ?? discovery.interval
    discovery.addressRefresh =
      section.duration("address_refresh", atLeast: .milliseconds(500)) ?? discovery.addressRefresh
    discovery.requestTimeout =
      section.duration("request_timeout", atLeast: .milliseconds(100)) ?? discovery.requestTimeout
    discovery.loopbackGuests = section.bool("loopback_guests") ?? discovery.loopbackGuests
  }

  private static func read(_ section: YAMLMapping, into health: inout HealthCheck) {
    health.interval = section.duration("interval", atLeast: .milliseconds(100)) ?? health.interval
    health.timeout = section.duration("timeout", atLeast: .milliseconds(1)) ?? health.timeout
    health.healthyAfter = section.int("healthy_after", in: 1...1000) ?? health.healthyAfter
    health.unhealthyAfter = section.int("unhealthy_after", in: 1...1000) ?? health.unhealthyAfter
    health.startGrace = section.duration("start_grace", atLeast: .zero) ?? health.startGrace
  }
}
