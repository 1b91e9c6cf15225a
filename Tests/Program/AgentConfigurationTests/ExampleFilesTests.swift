import ControlServer
import Foundation
import Notifications
import ProxmoxDiscovery
import ReverseProxy
import RouteModel
import RouteProviders
import StreamProxy
import TestSupport
import Testing

@testable import AgentConfiguration

/// The example files in config/, which people copy and edit, are valid as they are.
@Suite struct ExampleFilesTests {
  private static let examples = URL(fileURLWithPath: Checkout.root).appending(path: "config")

  @Test func bothExamplesHaveNoProblem() throws {
    let folder = try TemporaryDirectory()
    for name in ["pvescout.yml", "routes.yml"] {
      try FileManager.default.copyItem(
        at: Self.examples.appending(path: name), to: URL(fileURLWithPath: folder.file(name)))
    }
    let secret = try folder.write("00000000-0000-0000-0000-000000000000\n", to: "home.secret")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)

    let configuration = try AgentConfiguration.load(path: folder.file("pvescout.yml"), environment: [:])
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.clusters.map(\.name) == ["home"])

    let provided = configuration.routeFiles.load(environment: [:])
    #expect(provided.allProblems.isEmpty)
    #expect(
      provided.providers.flatMap(\.routes).map(\.alias.text)
        == ["plex", "jellyfin", "cloud.home.example", "photos", "pve-ui", "git-ssh", "dns", "docs", "wiki-old"])
  }

  @Test func theCommentedNotificationsAreRight() throws {
    let folder = try TemporaryDirectory()
    try folder.write("-----BEGIN CERTIFICATE-----\n", to: "hooks-ca.pem")
    let text = try String(contentsOf: Self.examples.appending(path: "pvescout.yml"), encoding: .utf8)
    let commented = try #require(text.components(separatedBy: "\n\n").first { $0.contains("\n# notify:") })
    let lines = commented.split(separator: "\n").dropFirst().map { $0.dropFirst(2) }
    let path = try folder.write("providers: {files: []}\n" + lines.joined(separator: "\n"), to: "shown.yml")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    let configuration = try AgentConfiguration.load(path: path, environment: [:])
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.notifications.map(\.name) == ["phone", "own", "program"])
  }

  @Test func theCommentedProxyIsRightAndShowsTheDefaultsOfItsTimes() throws {
    let folder = try TemporaryDirectory()
    let certificate = try TestCertificate()
    for name in ["home.example", "lab.example"] {
      try FileManager.default.copyItem(atPath: certificate.certificateFile, toPath: folder.file("\(name).pem"))
      try FileManager.default.copyItem(atPath: certificate.keyFile, toPath: folder.file("\(name).key"))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.file("\(name).key"))
    }
    let text = try String(contentsOf: Self.examples.appending(path: "pvescout.yml"), encoding: .utf8)
    let commented = try #require(text.components(separatedBy: "\n\n").first { $0.contains("\n# proxy:") })
    let lines = commented.split(separator: "\n").dropFirst().map { $0.dropFirst(2) }
    let configuration = try AgentConfiguration.load(
      path: folder.write("providers: {files: []}\n" + lines.joined(separator: "\n"), to: "shown.yml"), environment: [:])
    #expect(configuration.warnings.isEmpty)
    let (shown, plain) = (try #require(configuration.proxy), ProxyConfiguration())
    #expect(shown.certificates.count == 2)
    #expect(shown.timeouts == plain.timeouts)
    #expect(shown.limits == plain.limits)
    #expect(shown.streams.datagramTimeout == plain.streams.datagramTimeout)
    #expect(shown.acceptsProxyProtocol == plain.acceptsProxyProtocol)
  }

  /// The commented defaults in pvescout.yml match the agent's defaults.
  @Test func theCommentedDefaultsAreTheDefaults() throws {
    let folder = try TemporaryDirectory()
    let text = try String(contentsOf: Self.examples.appending(path: "pvescout.yml"), encoding: .utf8)
    let (_, commented) = try #require(
      text.firstRange(of: "# Everything below").map { (text[..<$0.lowerBound], text[$0.upperBound...]) })
    let lines = commented.split(separator: "\n").dropFirst().map { $0.hasPrefix("# ") ? $0.dropFirst(2) : $0 }
    let providers = "providers: {files: []}\n"
    let shown = try AgentConfiguration.load(
      path: folder.write(providers + lines.joined(separator: "\n"), to: "shown.yml"), environment: [:])
    let plain = try AgentConfiguration.load(path: folder.write(providers, to: "plain.yml"), environment: [:])
    #expect(shown.discovery.interval == plain.discovery.interval)
    #expect(shown.discovery.addressRefresh == plain.discovery.addressRefresh)
    #expect(shown.discovery.requestTimeout == plain.discovery.requestTimeout)
    #expect(shown.health == plain.health)
    #expect(shown.socket.path == plain.socket.path)
    #expect(shown.socket.mode == plain.socket.mode)
    #expect(shown.socket.group == "pvescout")
    #expect(shown.socket.adminGroup == "pvescout-admin")
    #expect(shown.stateDirectory == plain.stateDirectory)
    #expect(shown.log == plain.log)
  }
}
