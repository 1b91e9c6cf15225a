import Foundation
import HTTPMessages
import ProxyTLS
import ProxyTraffic
import ReverseProxy
import RouteModel
import StreamProxy
import TestSupport
import Testing

@testable import AgentConfiguration

/// `proxy:`: the resulting values and the errors.
@Suite struct ProxyConfigurationTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func load(_ proxy: String) throws -> AgentConfiguration {
    try AgentConfiguration.load(
      path: folder.write("providers: {files: []}\nproxy: \(proxy)\n", to: "pvescout.yml"), environment: [:])
  }

  /// The problems of a text without the file's path, with FOLDER for the path of its folder.
  private func problems(_ proxy: String) throws -> [String] {
    let path = folder.file("pvescout.yml")
    func shown(_ problem: Problem) -> String {
      String(problem.description.dropFirst(path.count + 1)).replacingOccurrences(of: folder.path, with: "FOLDER")
    }
    do { return try load(proxy).warnings.map(shown) } catch let invalid as AgentConfiguration.Invalid {
      return invalid.problems.map(shown)
    }
  }

  /// Copies a certificate and key into the folder, as `NAME.pem` and `NAME.key`.
  private func install(_ certificate: TestCertificate, as name: String) throws {
    for (file, target) in [(certificate.certificateFile, "\(name).pem"), (certificate.keyFile, "\(name).key")] {
      try FileManager.default.copyItem(atPath: file, toPath: folder.file(target))
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.file("\(name).key"))
  }

  private func files(_ name: String) -> CertificateFiles {
    CertificateFiles(certificate: folder.file("\(name).pem"), key: folder.file("\(name).key"))
  }

  @Test func readsEveryKey() throws {
    for name in ["home", "other"] { try install(TestCertificate(), as: name) }
    let configuration = try load(
      """

        http: "127.0.0.1:8080"
        https: "[fd00::1]:8443"
        certificate: home.pem
        key: home.key
        certificates: [{certificate: other.pem, key: other.key}]
        match_domains: [Home.Example, lab.example.]
        trusted_proxies: [10.0.0.0/24, 10.1.0.2, "fd00::2"]
        accept_proxy_protocol: true
        upstream_headers: true
        redirect_http: true
        access_log: {path: log/access.log, format: json}
        timeouts: {connect: 1s, request_header: 2s, response_header: 3s, response_idle: 7s, idle: 4s, tunnel: 5s, udp: 6s}
        drain: 0
        limits: {head_bytes: 65535, head_fields: 64}
      """)
    let proxy = try #require(configuration.proxy)
    #expect(configuration.warnings.isEmpty)
    #expect(proxy.http == ProxyConfiguration.Address(host: "127.0.0.1", port: 8080))
    #expect(proxy.https == ProxyConfiguration.Address(host: "fd00::1", port: 8443))
    #expect(proxy.certificates == [files("home"), files("other")])
    #expect(proxy.matchDomains == ["home.example", "lab.example"])
    #expect(proxy.trustedProxies.map(\.description) == ["10.0.0.0/24", "10.1.0.2/32", "fd00::2/128"])
    #expect(proxy.acceptsProxyProtocol)
    #expect(proxy.addsRouteHeaders && proxy.redirectsHTTP)
    #expect(proxy.accessLog?.path == folder.file("log/access.log"))
    #expect(proxy.accessLog?.format == .json)
    let timeouts = proxy.timeouts
    #expect(
      [timeouts.connect, timeouts.requestHeader, timeouts.responseHeader, timeouts.idle, timeouts.tunnel]
        == [1, 2, 3, 4, 5].map { Duration.seconds($0) })
    #expect(timeouts.responseIdle == .seconds(7))
    #expect(timeouts.drain == .zero)
    #expect(proxy.streams.datagramTimeout == .seconds(6))
    #expect(proxy.streams.connectTimeout == .seconds(1))
    #expect(proxy.limits.headBytes == 65535)
    #expect(proxy.limits.fieldCount == 64)
    #expect(proxy.streams.bind == "127.0.0.1")
  }

  @Test func whatIsLeftOutHasItsDefault() throws {
    let proxy = try #require(try load("{http: \"127.0.0.2:0\"}").proxy)
    // Long polls take a minute and more; a response may be silent for ever.
    #expect(proxy.timeouts.responseHeader == .seconds(300) && proxy.timeouts.responseIdle == nil)
    var expected = ProxyConfiguration()
    expected.http = ProxyConfiguration.Address(host: "127.0.0.2", port: 0)
    expected.streams.bind = "127.0.0.2"
    #expect(proxy == expected)
  }

  @Test func streamsBindToTheHostOfHTTPSWhereThereIsNoHTTP() throws {
    try install(TestCertificate(), as: "home")
    let proxy = try load("{https: \"[::1]:8443\", certificate: home.pem, key: home.key}").proxy
    #expect(proxy?.streams.bind == "::1")
  }

  @Test func certificatesMayAllStandInTheList() throws {
    try install(TestCertificate(), as: "home")
    let proxy = try load("{https: \"0.0.0.0:8443\", certificates: [{certificate: home.pem, key: home.key}]}").proxy
    #expect(proxy?.certificates == [files("home")])
  }

  @Test func standardOutputIsNoFile() throws {
    let log = try load("{http: \"127.0.0.1:80\", access_log: {path: \"-\"}}").proxy?.accessLog
    #expect(log?.path == "-")
    #expect(log?.format == .combined)
  }

  private static let address = "must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::]:8080, found"
  private static let duration = "must be a duration such as 300ms, 10s, 5m or 1h, found"

  @Test(
    arguments: [
      ("{http: \":8080\"}", "2:15: http \(address) ':8080'"),
      ("{http: \"::1:8080\"}", "2:15: http \(address) '::1:8080'"),
      ("{http: \"localhost:8080\"}", "2:15: http \(address) 'localhost:8080'"),
      ("{http: \"127.0.0.1:65536\"}", "2:15: http \(address) '127.0.0.1:65536'"),
      ("{match_domains: [home.example]}", "2:8: proxy needs 'http' or 'https', the address to listen on"),
      (
        "{http: \"127.0.0.1:80\", match_domains: [\"*.home.example\"]}",
        "2:47: an entry of match_domains must be a domain, found '*.home.example'"
      ),
      (
        "{http: \"127.0.0.1:80\", trusted_proxies: [10.0.0.0/33]}",
        "2:49: an entry of trusted_proxies must be an address or a network, such as 10.0.0.2 or 10.0.0.0/24, "
          + "found '10.0.0.0/33'"
      ),
      (
        "{http: \"127.0.0.1:80\", trusted_proxies: [lb.home.example]}",
        "2:49: an entry of trusted_proxies must be an address or a network, such as 10.0.0.2 or 10.0.0.0/24, "
          + "found 'lb.home.example'"
      ),
      (
        "{http: \"127.0.0.1:80\", trusted_proxies: [0.0.0.0/0]}",
        "2:49: warning: trusted_proxies: 0.0.0.0/0 is everybody, and anybody can claim to be another client"
      ),
      (
        "{http: \"127.0.0.1:80\", accept_proxy_protocol: true}",
        "2:31: accept_proxy_protocol needs trusted_proxies, the addresses whose headers are believed"
      ),
      (
        "{http: \"127.0.0.1:80\", accept_proxy_protocol: v2}",
        "2:54: accept_proxy_protocol must be true or false, found 'v2'"
      ),
      (
        "{http: \"127.0.0.1:80\", access_log: {format: json}}",
        "2:43: missing key 'path': a file, or \"-\" for standard output"
      ),
      (
        "{http: \"127.0.0.1:80\", access_log: {path: logs/}}",
        "2:50: path must name the log file itself, or '-', found 'logs/'"
      ),
      (
        "{http: \"127.0.0.1:80\", access_log: {path: a, format: xml}}",
        "2:61: format must be one of combined, json, found 'xml'"
      ),
      (
        "{http: \"127.0.0.1:80\", redirect_http: true}",
        "2:31: redirect_http needs https, the address that clients are sent to"
      ),
      ("{http: \"127.0.0.1:80\", access_log: on}", "2:43: access_log must be a mapping, found text"),
      ("{http: \"127.0.0.1:80\", timeouts: {connect: 5}}", "2:51: connect \(duration) '5'"),
      ("{http: \"127.0.0.1:80\", timeouts: {udp: 1ms}}", "2:47: udp must be at least 100ms, found '1ms'"),
      (
        "{http: \"127.0.0.1:80\", timeouts: {headers: 5s}}",
        "2:42: unknown key 'headers'; known are connect, idle, request_header, response_header, response_idle, tunnel, udp"
      ),
      ("{http: \"127.0.0.1:80\", drain: soon}", "2:38: drain \(duration) 'soon'"),
      (
        "{http: \"127.0.0.1:80\", limits: {head_bytes: 100}}",
        "2:52: head_bytes must be a whole number from 4096 to 65535, found '100'"
      ),
      (
        "{http: \"127.0.0.1:80\", limits: {head_fields: 0}}",
        "2:53: head_fields must be a whole number from 16 to 1024, found '0'"
      ),
      ("{http: \"127.0.0.1:80\", htps: x}", "2:31: unknown key 'htps', did you mean 'https'?"),
    ])
  func reportsAWrongValue(_ text: String, _ expected: String) throws {
    #expect(try problems(text) == [expected])
  }

  @Test(
    arguments: [
      ("key: home.key", "2:8: missing key 'certificate': https needs it, a PEM file"),
      ("certificate: home.pem", "2:8: missing key 'key': https needs it, a PEM file"),
      ("certificates: [{certificate: home.pem}]", "2:44: missing key 'key', a PEM file"),
      ("certificates: {certificate: home.pem}", "2:43: certificates must be a list, found a mapping"),
      (
        "certificate: none.pem, key: home.key",
        "2:42: cannot read 'FOLDER/none.pem' (no such file): wanted the certificate and its chain, a PEM file for the "
          + "agent's user"
      ),
      (
        "certificate: home.pem, key: .",
        "2:57: cannot read 'FOLDER' (this is no regular file): wanted the certificate's private key, a PEM file for "
          + "the agent's user"
      ),
      (
        "certificate: empty, key: home.key",
        "2:42: 'FOLDER/empty' holds no PEM certificate: wanted the server's own, then the chain to its CA"
      ),
      (
        "certificate: home.key, key: home.key",
        "2:42: 'FOLDER/home.key' holds no PEM certificate: wanted the server's own, then the chain to its CA"
      ),
      (
        "certificate: home.pem, key: home.pem",
        "2:57: 'FOLDER/home.pem' holds no PEM private key of a kind that is known"
      ),
      (
        "certificate: home.pem, key: other.key",
        "2:57: 'FOLDER/other.key' is not the key of the first certificate in 'FOLDER/home.pem'"
      ),
      (
        "certificate: home.pem, key: secret.key",
        "2:57: the key in 'FOLDER/secret.key' needs a passphrase, which the agent cannot ask for: take it away with "
          + "'openssl pkey -in ENCRYPTED -out PLAIN'"
      ),
    ])
  func reportsACertificateThatCannotBeServed(_ keys: String, _ expected: String) throws {
    for name in ["home", "other"] { try install(TestCertificate(), as: name) }
    try folder.write("", to: "empty")
    try folder.write(
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIH0MF8=\n-----END ENCRYPTED PRIVATE KEY-----\n", to: "secret.key")
    #expect(try problems("{https: \"[::]:8443\", \(keys)}") == [expected])
  }

  @Test func oneAddressForBothIsAnError() throws {
    try install(TestCertificate(), as: "home")
    #expect(
      try problems("{http: \"[::]:80\", https: \"[::]:80\", certificate: home.pem, key: home.key}") == [
        "2:33: https is the address of http, too: give each its own port"
      ])
  }

  @Test func warnsOfAKeyThatEverybodyReadsAndOfACertificateThatHasEnded() throws {
    try install(TestCertificate(validity: .expired), as: "old")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.file("old.key"))
    let found = try problems("{https: \"[::]:8443\", certificate: old.pem, key: old.key}")
    #expect(found.count == 2)
    #expect(found.first?.hasPrefix("2:42: warning: the certificate in 'FOLDER/old.pem' expired on 20") == true)
    #expect(
      found.last
        == "2:56: warning: every user can read 'FOLDER/old.key': chmod 640 it, and chgrp it to the agent's group")
  }
}
