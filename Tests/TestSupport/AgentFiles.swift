import Foundation

/// The files of one agent, in their own folder: pvescout.yml and its route files.
package struct AgentFiles: Sendable {
  /// Entries of `proxmox:`, from ``FakePVE/entry(named:trust:secret:)`` or by hand.
  package var clusters: [String]
  /// Route files by name.
  package var routes: [String: String]
  /// A mapping in braces, to which ``loopbackGuests`` is added.
  package var discovery = "{interval: 500ms, address_refresh: 5m, request_timeout: 60s}"
  /// The simulated guests' addresses are in 127.0.0.0/8.
  package var loopbackGuests = true
  package var health = "{interval: 500ms, timeout: 2s}"
  /// Additional top-level lines of pvescout.yml.
  package var more = ""
  package let directory: TemporaryDirectory

  package init(clusters: [String] = [], routes: [String: String] = ["routes.yml": "{}"]) throws {
    self.clusters = clusters
    self.routes = routes
    directory = try TemporaryDirectory()
  }

  package var configurationPath: String { directory.file("pvescout.yml") }
  package var socketPath: String { directory.file("agent.sock") }

  /// Writes all files; the configuration file is only accessible to its owner, because it contains a secret.
  package func write() throws {
    let path = try directory.write(configuration, to: "pvescout.yml")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    for (name, text) in routes { try directory.write(text, to: name) }
  }

  package var configuration: String {
    let proxmox = clusters.isEmpty ? "proxmox: []" : "proxmox:\n" + clusters.joined(separator: "\n")
    return """
      \(proxmox)
      discovery: {loopback_guests: \(loopbackGuests), \(discovery.dropFirst())
      providers: {files: [\(routes.keys.sorted().joined(separator: ", "))]}
      health: \(health)
      socket: {path: \(socketPath)}
      state_dir: \(directory.file("state"))
      log: {level: debug}
      \(more)
      """
  }
}
