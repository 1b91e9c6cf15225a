import Foundation
import TestSupport

/// The real agent, serving routes over TLS on a free port of loopback, with curl as its client.
struct SecureProxyLab {
  let agent: RunningAgent
  let port: UInt16
  let certificate: TestCertificate

  /// - Parameters:
  ///   - routes: the content of `routes.yml`; hosts are under `.lab.test`.
  ///   - clusters: entries of `proxmox:`.
  ///   - settings: more of `proxy:`, each with a leading comma.
  static func start(routes: String, clusters: [String] = [], settings: String = "") async throws -> SecureProxyLab {
    let certificate = try TestCertificate(names: ["DNS:*.lab.test"])
    var files = try AgentFiles(clusters: clusters, routes: ["routes.yml": routes])
    let pair = "certificate: \(certificate.certificateFile), key: \(certificate.keyFile)"
    files.more = "proxy: {https: \"127.0.0.1:0\", \(pair)\(settings)}"
    let agent = try await RunningAgent.ready(files)
    return SecureProxyLab(agent: agent, port: try await ProxyLab.listeningPort(of: agent), certificate: certificate)
  }

  /// curl's arguments for a request to a route; curl prints the HTTP version and the status after the body.
  /// - Parameters:
  ///   - port: nil means that of the proxy.
  ///   - trusted: nil means the certificate of the proxy.
  func arguments(
    _ route: String, _ path: String, _ options: [String], port: UInt16? = nil, trusting trusted: TestCertificate? = nil
  ) -> [String] {
    let port = port ?? self.port
    return [
      "--silent", "--show-error", "--max-time", "170", "--cacert", (trusted ?? certificate).certificateFile,
      "--resolve", "\(route).lab.test:\(port):127.0.0.1", "--write-out", "\n%{http_version} %{http_code}",
      "https://\(route).lab.test:\(port)\(path)",
    ] + options
  }

  func curl(_ route: String, _ path: String = "/", _ options: String...) async throws -> Program.Finished {
    try await Program.run("/usr/bin/curl", arguments(route, path, options))
  }
}
