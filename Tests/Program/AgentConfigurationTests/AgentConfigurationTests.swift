import ControlServer
import Foundation
import PeerTrust
import ProxmoxAPI
import ProxmoxDiscovery
import ReverseProxy
import RouteModel
import RouteProviders
import TestSupport
import Testing

@testable import AgentConfiguration

@Suite struct AgentConfigurationTests {
  private let folder: TemporaryDirectory
  private static let fingerprint = Array(repeating: "AB", count: 32).joined(separator: ":")

  init() throws { folder = try TemporaryDirectory() }

  private func load(_ text: String, environment: [String: String] = [:]) throws -> AgentConfiguration {
    try AgentConfiguration.load(path: folder.write(text, to: "pvescout.yml"), environment: environment)
  }

  @Test func readsEveryKey() throws {
    try folder.write("s3cret\n", to: "home.secret")
    try setPermissions(0o600, of: "home.secret")
    try folder.write("-----BEGIN CERTIFICATE-----\n", to: "ca.pem")
    let configuration = try load(
      """
      proxmox:
        - name: home
          endpoints: [https://10.0.0.11:8006, "https://PVE2.home.arpa", "https://[FD00::1]/"]
          token_id: pvescout@pve!agent
          token_secret_file: home.secret
          tls: {fingerprint: "\(Self.fingerprint)"}
        - name: away
          endpoints: https://10.1.0.11
          username: root
          realm: pam
          password: ${PASSWORD}
          tls: {ca_file: ca.pem}
      discovery: {interval: 500ms, address_refresh: 1m, request_timeout: 5s, loopback_guests: true}
      providers: {files: [routes.yml, routes.d/*.yml]}
      health: {interval: 20s, timeout: 2s, healthy_after: 2, unhealthy_after: 5, start_grace: 2m}
      socket: {path: run/agent.sock, mode: "0600", group: users, admin_group: daemon}
      proxy: {http: "127.0.0.1:8080", match_domains: [Home.Example]}
      state_dir: state
      log: {level: debug, format: json}
      """, environment: ["PASSWORD": "pass word"])
    let (home, away) = (configuration.clusters[0], configuration.clusters[1])
    #expect(home.name == "home")
    #expect(home.endpoints == ["https://10.0.0.11:8006", "https://pve2.home.arpa:8006", "https://[fd00::1]:8006"])
    #expect(home.credentials == .token(id: "pvescout@pve!agent", secret: "s3cret"))
    #expect(home.trust == .fingerprints([try #require(CertificateFingerprint(Self.fingerprint))]))
    #expect(away.endpoints == ["https://10.1.0.11:8006"])
    #expect(away.credentials == .password(username: "root@pam", password: "pass word"))
    #expect(away.trust == .caFile(folder.file("ca.pem")))
    #expect(configuration.discovery.interval == .milliseconds(500))
    #expect(configuration.discovery.addressRefresh == .seconds(60))
    #expect(configuration.discovery.requestTimeout == .seconds(5))
    #expect(configuration.discovery.loopbackGuests)
    #expect(configuration.routeFiles.patterns == ["routes.yml", "routes.d/*.yml"])
    #expect(configuration.routeFiles.baseDirectory == folder.path)
    #expect(configuration.routeFiles.locations.map(\.column) == [21, 33])
    #expect(
      configuration.health
        == HealthCheck(
          interval: .seconds(20), timeout: .seconds(2), healthyAfter: 2, unhealthyAfter: 5,
          startGrace: .seconds(120)))
    #expect(configuration.socket.path == folder.file("run/agent.sock"))
    #expect(configuration.socket.mode == 0o600)
    #expect(configuration.socket.group == "users")
    #expect(configuration.socket.adminGroup == "daemon")
    #expect(configuration.proxy?.http == ProxyConfiguration.Address(host: "127.0.0.1", port: 8080))
    #expect(configuration.proxy?.matchDomains == ["home.example"])
    #expect(configuration.stateDirectory == folder.file("state"))
    #expect(configuration.log.level == "debug")
    #expect(configuration.log.format == .json)
    #expect(configuration.warnings.isEmpty)
  }

  @Test(arguments: ["", "proxmox:\n", "proxmox: []\n"])
  func anEmptyFileHasTheDefaults(_ text: String) throws {
    let configuration = try load(text)
    #expect(configuration.clusters.isEmpty)
    #expect(configuration.discovery.interval == .seconds(10))
    #expect(configuration.discovery.addressRefresh == .seconds(300))
    #expect(configuration.discovery.requestTimeout == .seconds(30))
    #expect(configuration.health == HealthCheck())
    #expect(configuration.socket == SocketConfiguration())
    #expect(configuration.proxy == nil)
    #expect(configuration.stateDirectory == "/var/lib/pvescout")
    #expect(configuration.log == AgentConfiguration.Log())
    #expect(configuration.routeFiles.patterns.isEmpty)
    #expect(
      configuration.warnings.map(\.description) == [
        "\(folder.file("pvescout.yml")):1:1: warning: no route files: name them in providers.files"
      ])
  }

  @Test func pathsAreSeenFromTheFilesFolder() throws {
    let path = try folder.write("providers: {files: [../routes.yml]}\nstate_dir: ../state\n", to: "etc/pvescout.yml")
    let configuration = try AgentConfiguration.load(path: path, environment: [:])
    #expect(configuration.routeFiles.baseDirectory == folder.file("etc"))
    #expect(configuration.stateDirectory == folder.file("state"))
  }

  @Test(
    arguments: [
      ("660", 0o660), ("0660", 0o660), ("\"0600\"", 0o600), ("0o777", 0o777),
    ] as [(String, UInt16)])
  func readsModesAsOctal(_ text: String, _ mode: UInt16) throws {
    #expect(try load("providers: {files: []}\nsocket: {mode: \(text)}\n").socket.mode == mode)
  }

  @Test func withoutTLSTheSystemsCAsCount() throws {
    let entry = "name: home, endpoints: [https://10.0.0.11], username: root@pam, password: \"${P}\""
    for tls in ["", ", tls: {}", ", tls: {insecure: false}"] {
      let configuration = try load("providers: {files: []}\nproxmox: [{\(entry)\(tls)}]\n", environment: ["P": "x"])
      #expect(configuration.clusters.first?.trust == .systemRoots)
      #expect(configuration.warnings.isEmpty)
    }
  }

  @Test func warnsOfWhatOthersCanRead() throws {
    try folder.write("s3cret", to: "open.secret")
    try setPermissions(0o644, of: "open.secret")
    let path = try folder.write(
      """
      providers: {files: []}
      proxmox:
        - {name: a, endpoints: [https://10.0.0.1], token_id: u@pve!t, token_secret: s3cret}
        - {name: b, endpoints: [https://10.0.0.2], token_id: u@pve!t, token_secret_file: open.secret}
        - {name: c, endpoints: [https://10.0.0.3], token_id: u@pve!t, token_secret: "${S}", tls: {insecure: true}}
      """, to: "pvescout.yml")
    try setPermissions(0o644, of: "pvescout.yml")
    let configuration = try AgentConfiguration.load(path: path, environment: ["S": "s3cret"])
    #expect(
      configuration.warnings.map { $0.description.dropFirst(path.count) } == [
        ":3:79: warning: token_secret is in a file that every user can read: chmod 640 it and chgrp it to the agent's group, or use token_secret_file",
        ":4:84: warning: every user can read '\(folder.file("open.secret"))': chmod 640 it, and chgrp it to the agent's group",
        ":5:93: warning: insecure: whoever is between agent and node can read the token; pin the certificate with fingerprint instead",
      ])
    #expect(configuration.clusters.map(\.trust) == [.systemRoots, .systemRoots, .insecure])
    #expect(configuration.files.paths.dropFirst() == [folder.file("open.secret")])
  }

  @Test func namesEveryFileThatItReads() throws {
    try folder.write("s3cret", to: "a.secret")
    try folder.write("-----BEGIN CERTIFICATE-----", to: "ca.pem")
    try folder.write("https://hooks.example/x", to: "hook.secret")
    let path = try folder.write(
      """
      providers: {files: [routes.yml]}
      proxmox:
        - {name: a, endpoints: [https://10.0.0.1], token_id: u@pve!t, token_secret_file: a.secret, tls: {ca_file: ca.pem}}
      notify: [{name: hook, url_file: hook.secret, template: "{}"}]
      """, to: "pvescout.yml")
    let configuration = try AgentConfiguration.load(path: path, environment: [:])
    let names = ["pvescout.yml", "a.secret", "ca.pem", "hook.secret", "routes.yml"]
    #expect(configuration.readPaths == names.map { folder.file($0) })
    try folder.write(
      "providers: {files: [routes.yml]}\nproxy: {https: \"127.0.0.1:0\", certificate: c.pem, key: k.pem}",
      to: "pvescout.yml")
    let invalid = #expect(throws: AgentConfiguration.Invalid.self) {
      try AgentConfiguration.load(path: path, environment: [:])
    }
    #expect(invalid?.files.paths == ["pvescout.yml", "c.pem", "k.pem"].map { folder.file($0) })
  }

  private func setPermissions(_ mode: Int, of name: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.file(name))
  }
}
