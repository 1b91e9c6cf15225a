import FoundationEssentials
import Glibc
import PVESimulator

/// The folder with a demo's files and its socket.
struct DemoFolder: Sendable {
  let path: String

  /// The name is short, because a socket's path has at most 107 bytes.
  init() throws {
    var template = Array("/tmp/pvescout-demo-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw DemoError.noFolder(String(cString: strerror(errno))) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  var configurationPath: String { file("pvescout.yml") }
  var socketPath: String { file("pvescout.sock") }
  private func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(configuration: String, routes: String) throws {
    try Data(SimulatedCluster.sampleToken.secret.utf8).write(to: URL(filePath: file("home.secret")))
    chmod(file("home.secret"), 0o600)
    try Data(configuration.utf8).write(to: URL(filePath: configurationPath))
    try Data(routes.utf8).write(to: URL(filePath: file("routes.yml")))
  }

  /// The configuration file: as for a real cluster, with shorter intervals.
  func configuration(endpoints: [String], fingerprint: String) -> String {
    """
    proxmox:
      - name: \(DemoScenario.clusterName)
        endpoints: [\(endpoints.joined(separator: ", "))]
        token_id: \(SimulatedCluster.sampleToken.id)
        token_secret_file: \(file("home.secret"))
        tls: {fingerprint: "\(fingerprint)"}
    discovery: {interval: 1s, address_refresh: 5s, request_timeout: 5s, loopback_guests: true}
    providers: {files: [routes.yml]}
    health: {interval: 1s, timeout: 2s, healthy_after: 1, unhealthy_after: 2}
    socket: {path: \(socketPath), mode: "0600"}
    state_dir: \(file("state"))
    log: {level: error}

    """
  }
}
