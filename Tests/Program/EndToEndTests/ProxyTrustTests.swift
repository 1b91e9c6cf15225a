import Foundation
import TestSupport
import Testing

/// The proxy's trust in clients and upstreams.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyTrustTests {
  /// The node's web interface, under the pin of its cluster; an outdated pin is reported.
  @Test func servesANodesOwnInterfaceUnderTheClustersPin() async throws {
    let pve = try await FakePVE.start(port: 8006, lxc: 1, vms: 0)
    let lab = try await SecureProxyLab.start(
      routes: "ui: {proxmox: {node: pve2}, healthcheck: {disable: true}}", clusters: [pve.entry(trust: .fingerprint)])
    try await lab.agent.route("ui", "is linked") { $0["target"] != .null }
    let token = "Authorization: PVEAPIToken=\(pve.tokenID)=\(pve.tokenSecret)"
    for version in ["--http2", "--http1.1"] {
      var said = ""
      // Each node has a certificate of its own, which the agent reads after the node's address.
      try await eventually("the node's interface is served: \(said)") {
        said = try await lab.curl("ui", "/api2/json/version", version, "--header", token).output
        return said.hasSuffix(" 200") && said.contains("\"version\"") ? () : nil
      }
    }

    let path = lab.agent.files.configurationPath
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try lab.agent.files.directory.write(
      text.replacing(pve.manifest.fingerprint, with: pve.almostTheFingerprint), to: "pvescout.yml")
    #expect(try await lab.agent.post("/v1/reload").status == 200)
    var last = ""
    try await eventually("the outdated pin is used: \(last)") {
      last = try await lab.curl("ui", "/api2/json/version", "--header", token).output
      return last.hasSuffix(" 502") ? () : nil
    }
    try await pve.control(["op": "forget"])
    let refused = try await lab.curl("ui", "/api2/json/version", "--header", token)
    #expect(refused.output.hasSuffix(" 502"), "\(refused)")
    #expect(refused.output.contains("its certificate is not the pinned one"), "\(refused)")
    #expect(try await pve.requests("/version").isEmpty, "nothing was sent to it")
  }

  @Test func saysWhatIsWrongWithAnUpstreamsCertificate() async throws {
    let authority = try TestCertificate(isAuthority: true)
    let certificate = try TestCertificate(names: ["DNS:nas.test"], issuer: authority)
    let upstream = try await UpstreamServer(certificate: certificate)
    let target = "host: \(upstream.host), port: \(upstream.port), scheme: https, healthcheck: {disable: true}"
    let known = "ssl_trusted_certificate: \(authority.certificateFile)"
    let lab = try await SecureProxyLab.start(
      routes: """
        strange: {\(target)}
        misnamed: {\(target), \(known)}
        named: {\(target), \(known), ssl_server_name: nas.test}
        unverified: {\(target), no_tls_verify: true}
        pinned: {\(target), ssl_fingerprint: "\(certificate.fingerprint)"}
        mispinned: {\(target), ssl_fingerprint: "\(String(repeating: "ab", count: 32))"}
        """)
    for (alias, words) in [
      ("strange", "issued by a CA"), ("misnamed", "names do not include"), ("mispinned", "pinned"),
    ] {
      let said = try await lab.curl(alias, "/", "--http2")
      #expect(said.output.hasSuffix("\n2 502") && said.output.contains(words), "\(said)")
    }
    for alias in ["named", "unverified", "pinned"] {
      #expect(try await lab.curl(alias, "/", "--http2").output.hasSuffix("\n2 200"))
    }
    #expect(upstream.requests.count == 3)
  }

  @Test func servesARenewedCertificateWithoutARestart() async throws {
    let folder = try TemporaryDirectory()
    func install(_ certificate: TestCertificate) throws {
      for (file, name) in [(certificate.certificateFile, "c.pem"), (certificate.keyFile, "k.pem")] {
        try Data(contentsOf: URL(fileURLWithPath: file)).write(to: URL(fileURLWithPath: folder.file(name)))
      }
    }
    let (old, new) = (try TestCertificate(), try TestCertificate())
    try install(old)
    var files = try AgentFiles()
    files.more = "proxy: {https: \"127.0.0.1:0\", certificate: \(folder.file("c.pem")), key: \(folder.file("k.pem"))}"
    let agent = try await RunningAgent.ready(files)
    let port = try await ProxyLab.listeningPort(of: agent)
    func isShown(_ certificate: TestCertificate) async throws -> Bool {
      let said = try await Program.run(
        "/usr/bin/curl", ["--silent", "--cacert", certificate.certificateFile, "https://localhost:\(port)/"])
      return said.status == .code(0)
    }
    #expect(try await isShown(old))
    try install(new)
    try await eventually("the new certificate is served") { try await isShown(new) ? true : nil }
    #expect(try await !isShown(old))

    // A key that belongs to another certificate.
    try Data(contentsOf: URL(fileURLWithPath: old.keyFile)).write(to: URL(fileURLWithPath: folder.file("k.pem")))
    let refused = try await agent.post("/v1/reload")
    #expect(refused.status == 422 && refused.body.description.contains("k.pem"), "\(refused)")
    try await eventually("the watcher says so; the agent said:\n\(agent.program.errors)") {
      agent.program.errors.hasLine(with: "certificate cannot be served: the previous one stays", "k.pem") ? () : nil
    }
    #expect(try await isShown(new))
    #expect(try await agent.cli("status").output.hasLine(with: "problem", "k.pem"))
    try install(old)
    try await eventually("the mended pair is served") { try await isShown(old) ? true : nil }
  }
}
