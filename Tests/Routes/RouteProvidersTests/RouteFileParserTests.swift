import PeerTrust
import RouteModel
import Testing

@testable import RouteProviders

@Suite struct RouteFileParserTests {
  @Test func readsWhatAHealthCheckExpects() throws {
    let http = try RouteText.route("a: {healthcheck: {expected_status: '200-299, 401'}}").healthCheck
    #expect(http.expectedStatus == ExpectedStatus("200-299, 401"))
    let number = try RouteText.route("a: {healthcheck: {expected_status: 204}}").healthCheck
    #expect(number.expectedStatus == ExpectedStatus("204"))
    let udp = try RouteText.route(
      "a: {port: '0:53', scheme: udp, healthcheck: {payload: 'hex:12 34:fF', expected_answer: pong}}")
    #expect(udp.healthCheck.payload == [0x12, 0x34, 0xff])
    #expect(udp.healthCheck.expectedAnswer == Array("pong".utf8))
  }

  @Test func readsFingerprintsAsPVEAndOpenSSLShowThem() throws {
    let (plain, colons) = (String(repeating: "ab", count: 32), String(repeating: "CD:", count: 31) + "CD")
    let route = try RouteText.route("a: {ssl_fingerprint: [\(plain), '\(colons)', 'sha256 Fingerprint=\(colons)']}")
    let other = try #require(CertificateFingerprint(bytes: [UInt8](repeating: 0xCD, count: 32)))
    #expect(route.tlsPins == [try #require(CertificateFingerprint(plain)), other, other])
  }

  @Test func readsEveryKey() throws {
    let route = try RouteText.route(
      """
      plex.example.org:
        host: 10.0.0.50
        port: 32400
        scheme: fileserver
        bind: 127.0.0.2
        root: www
        spa: yes
        index: start.html
        no_tls_verify: true
        ssl_server_name: plex.lan
        ssl_trusted_certificate: ca.pem
        relay_proxy_protocol_header: true
        tls_termination: true
        response_header_timeout: 1m30s
        max_conns_per_host: 2
        healthcheck: {disable: true, path: /ping, use_get: true, interval: 20s, timeout: 2s, retries: 5}
        proxmox: {node: pve1, vmid: 105, cluster: home, vmname: plex, service: plexmediaserver, files: [/var/log/plex.log]}
      """)
    var expected = RouteDeclaration(
      alias: try RouteAlias("plex.example.org"), provider: ProviderName("file:routes"),
      location: SourceLocation(file: "routes.yml", line: 1, column: 1))
    expected.host = "10.0.0.50"
    expected.port = RouteDeclaration.Port(target: 32400)
    expected.statesProxmox = true
    expected.scheme = .fileserver
    expected.bind = "127.0.0.2"
    expected.root = "/etc/pvescout/www"
    expected.isSinglePageApp = true
    expected.index = "start.html"
    expected.noTLSVerify = true
    expected.tlsServerName = .named("plex.lan")
    expected.tlsCAFile = "/etc/pvescout/ca.pem"
    expected.relayedProxyHeader = .v2
    expected.streamTLS = .terminated
    expected.responseHeaderTimeout = .seconds(90)
    expected.connectionLimit = 2
    expected.healthCheck.disable = true
    expected.healthCheck.path = "/ping"
    expected.healthCheck.useGet = true
    expected.healthCheck.interval = .seconds(20)
    expected.healthCheck.timeout = .seconds(2)
    expected.healthCheck.retries = 5
    expected.proxmox = ProxmoxReference(.guest(105, nodeHint: "pve1"), cluster: "home")
    expected.notes = ["service plexmediaserver", "file /var/log/plex.log"]
    #expect(route == expected)
  }

  @Test(
    arguments: [
      ("true", ProxyProtocolVersion.v2), ("v2", .v2), ("v1", .v1), ("yes", .v2), ("false", nil), ("no", nil),
    ])
  func readsWhichProxyHeaderIsRelayed(_ text: String, _ expected: ProxyProtocolVersion?) throws {
    let route = try RouteText.route("a: {port: '0:22', relay_proxy_protocol_header: \(text)}")
    #expect(route.relayedProxyHeader == expected && route.problems.isEmpty)
  }

  @Test(
    arguments: [
      ("a: {tls: passthrough}", StreamTLS.passthrough), ("a: {tls: passthrough, port: 8443}", .passthrough),
      ("a: {scheme: tcp, tls: passthrough}", .passthrough), ("a: {port: '0:443', tls: passthrough}", .passthrough),
      ("a: {port: '0:443', tls_termination: true}", .terminated), ("a: {port: '0:443'}", .untouched),
    ])
  func readsWhatBecomesOfTLS(_ text: String, _ expected: StreamTLS) throws {
    let route = try RouteText.route(text)
    #expect(route.streamTLS == expected && route.problems.isEmpty)
  }

  @Test(arguments: ["plex:", "plex: {}", "plex: ~"])
  func anAliasAloneStatesNothing(_ text: String) throws {
    let route = try RouteText.route(text)
    #expect(route.host == nil && route.port == nil && route.scheme == nil && route.proxmox == nil)
  }

  @Test(
    arguments: [
      ("32400", RouteDeclaration.Port(target: 32400)), ("\"32400\"", .init(target: 32400)),
      ("\"2222:22\"", .init(listen: 2222, target: 22)), ("22:22", .init(listen: 22, target: 22)),
      ("0:53", .init(listen: 0, target: 53)), ("65535:1", .init(listen: 65535, target: 1)),
    ])
  func readsPortsAsTheyAreWritten(_ text: String, _ expected: RouteDeclaration.Port) throws {
    #expect(try RouteText.route("ssh: {port: \(text)}").port == expected)
  }

  @Test(
    arguments: [
      ("10.0.0.50", "10.0.0.50"), ("\"[fd00::1]\"", "fd00::1"), ("fd00::1", "fd00::1"), ("plex", "plex"),
      ("Plex.home.arpa.", "Plex.home.arpa."), ("my_host-1", "my_host-1"), ("1and1.de", "1and1.de"),
    ])
  func readsHosts(_ text: String, _ expected: String) throws {
    #expect(try RouteText.route("plex: {host: \(text)}").host == expected)
  }

  @Test(
    arguments: [
      ("{node: pve1}", ProxmoxReference(.node("pve1"))), ("{node: pve1, vmid: 0}", .init(.node("pve1"))),
      ("{vmid: 105}", .init(.guest(105, nodeHint: nil))), ("{vmid: \"105\"}", .init(.guest(105, nodeHint: nil))),
      ("{node: pve1, vmid: 105}", .init(.guest(105, nodeHint: "pve1"))),
      ("{node: pve1, cluster: home}", .init(.node("pve1"), cluster: "home")),
      ("{vmname: plex, node: pve1}", .init(.node("pve1"))),
    ])
  func readsExplicitLinks(_ text: String, _ expected: ProxmoxReference) throws {
    #expect(try RouteText.route("plex: {proxmox: \(text)}").proxmox == expected)
    #expect(try RouteText.route("plex: {idlewatcher: {proxmox: \(text)}}").proxmox == expected)
  }

  @Test func proxmoxWinsOverIdlewatcher() throws {
    let route = try RouteText.route("plex: {idlewatcher: {proxmox: {vmid: 101}}, proxmox: {vmid: 102}}")
    #expect(route.proxmox == ProxmoxReference(.guest(102, nodeHint: nil)))
  }

  @Test func notesAloneLeaveTheLinkToTheLookup() throws {
    let route = try RouteText.route("plex: {proxmox: {services: [a, b], file: /var/log/c}}")
    #expect(route.proxmox == nil)
    #expect(route.notes == ["service a", "service b", "file /var/log/c"])
  }

  @Test(
    arguments: [
      ("plex: {port: 70000}", "1:14: port 70000 is not between 0 and 65535"),
      ("plex: {port: 99999999999999999999}", "1:14: port 99999999999999999999 is not between 0 and 65535"),
      ("plex: {port: \"70000:22\"}", "1:14: listening port 70000 is not between 0 and 65535"),
      ("plex: {port: http}", "1:14: port 'http' is neither a number nor listen:target, such as 2222:22"),
      ("plex: {port: \"1:2:3\"}", "1:14: port '1:2:3' is neither a number nor listen:target, such as 2222:22"),
      ("plex: {port: \"22:\"}", "1:14: port '22:' is neither a number nor listen:target, such as 2222:22"),
      ("plex: {port: -1}", "1:14: port '-1' is neither a number nor listen:target, such as 2222:22"),
      ("plex: {port: [80]}", "1:14: port must be text, found a list"),
      ("plex: {scheme: fileserver}", "1:8: scheme fileserver needs 'root', the folder to serve"),
      (
        "plex: {scheme: htps}",
        "1:16: scheme must be one of http, https, h2c, tcp, udp, fileserver, found 'htps', did you mean 'https'?"
      ),
      (
        "plex: {host: \"http://10.0.0.5\"}",
        "1:14: host 'http://10.0.0.5' holds a scheme: write the name or address alone, and 'scheme' beside it"
      ),
      ("plex: {host: \"10.0.0.5:80\"}", "1:14: host '10.0.0.5:80' holds a port: write it into 'port'"),
      ("plex: {host: 10.0.0.5/24}", "1:14: host '10.0.0.5/24' holds a '/': write the name or address alone"),
      ("plex: {host: 10.0.0.500}", "1:14: host '10.0.0.500' is neither a host name nor an IP address"),
      (
        "plex: {host: \"fe80::1\"}",
        "1:14: host 'fe80::1' is a link-local address, which is reached through one interface only: give another "
          + "address of it"
      ),
      (
        "plex: {host: bücher.example}",
        "1:14: host 'bücher.example' is not ASCII: write the form of the name that DNS has, xn--…"
      ),
      ("plex: {host: a b}", "1:14: host 'a b' is neither a host name nor an IP address"),
      ("plex: {tls: on}", "1:13: tls must be passthrough, found 'on'"),
      ("plex: {scheme: https, tls: passthrough}", "1:23: tls is for scheme tcp, but scheme is https"),
      (
        "plex: {port: '0:1', tls: passthrough, tls_termination: true}",
        "1:21: tls: passthrough and tls_termination exclude each other: TLS ends here, or at the upstream"
      ),
      (
        "plex: {port: '0:1', scheme: udp, relay_proxy_protocol_header: v1}",
        "1:34: relay_proxy_protocol_header is for scheme tcp, but scheme is udp"
      ),
      (
        "plex: {port: '0:1', relay_proxy_protocol_header: v3}",
        "1:50: relay_proxy_protocol_header must be true, false, v1 or v2, found 'v3'"
      ),
      (
        "plex: {ssl_fingerprint: ab:cd}",
        "1:25: ssl_fingerprint must be the SHA-256 of the upstream's certificate, 64 hex digits, found 'ab:cd': run "
          + "'openssl s_client -connect HOST:PORT </dev/null | openssl x509 -noout -fingerprint -sha256'"
      ),
      ("plex: {ssl_fingerprint: []}", "1:8: ssl_fingerprint is empty"),
      (
        "plex: {ssl_fingerprint: \(String(repeating: "ab", count: 32)), no_tls_verify: true}",
        "1:8: ssl_fingerprint alone decides what is trusted: leave out no_tls_verify and ssl_trusted_certificate"
      ),
      ("plex: {bind: eth0}", "1:14: bind must be an IP address, found 'eth0'"),
      ("plex: {prot: 80}", "1:8: unknown key 'prot', did you mean 'port'?"),
      ("plex: {healthcheck: {path: ping}}", "1:28: path must be a path that begins with '/', found 'ping'"),
      (
        "plex: {healthcheck: {retries: 1001}}",
        "1:31: retries must be a whole number up to 1000: -1 if the first failure is to count, found '1001'"
      ),
      (
        "plex: {healthcheck: {interval: 10}}",
        "1:32: interval must be a duration such as 300ms, 10s, 5m or 1h, found '10'"
      ),
      (
        "plex: {healthcheck: {expected_status: ok}}",
        "1:39: expected_status must be statuses such as 200, 200-299 or 2xx, with commas between, found 'ok'"
      ),
      (
        "plex: {port: \"0:53\", scheme: udp, healthcheck: {payload: 'hex:0'}}",
        "1:58: payload must be a text, or bytes as 'hex:' and pairs of hex digits, found 'hex:0'"
      ),
      (
        "plex: {port: \"0:53\", scheme: udp, healthcheck: {expected_answer: a}}",
        "1:49: expected_answer needs a payload to be the answer to"
      ),
      (
        "plex: {port: \"0:22\", scheme: tcp, healthcheck: {payload: a}}",
        "1:49: payload is for scheme udp, but scheme is tcp"
      ),
      (
        "plex: {port: \"0:22\", scheme: tcp, healthcheck: {expected_status: 200}}",
        "1:49: expected_status is for HTTP, but scheme is tcp"
      ),
      ("plex: {healthcheck: [a]}", "1:21: healthcheck must be a mapping, found a list"),
      ("plex: {proxmox: {}}", "1:17: proxmox names neither a node nor a vmid"),
      ("plex: {proxmox: {cluster: home}}", "1:17: proxmox names neither a node nor a vmid"),
      ("plex: {proxmox: {vmid: 0}}", "1:18: vmid 0 is a node itself: say which with 'node'"),
      ("plex: {proxmox: {vmid: 50}}", "1:24: vmid '50' is neither from 100 to 999999999 nor 0 for the node itself"),
      ("plex: {proxmox: {vmid: x}}", "1:24: vmid 'x' is neither from 100 to 999999999 nor 0 for the node itself"),
      ("plex: {proxmox: pve1}", "1:17: proxmox must be a mapping, found text"),
      ("plex: {proxmox: {vm: 100, node: pve1}}", "1:18: unknown key 'vm', did you mean 'vmid'?"),
      ("plex: 80", "1:7: route 'plex' must be a mapping, found text"),
      ("plex: [80]", "1:7: route 'plex' must be a mapping, found a list"),
      ("plex: {host: \"${PLEX_HOST}\"}", "1:14: host: environment variable PLEX_HOST is not set"),
      ("plex: {port: 1, port: 2}", "1:17: duplicate key 'port', first set on line 1"),
      ("plex: {access_log: {a: 1, a: 2}, port: 70000}", "1:27: duplicate key 'a', first set on line 1"),
    ])
  func keepsABadRouteWithItsProblem(_ text: String, _ expected: String) throws {
    let (routes, problems) = try RouteText.parse(text)
    let route = try #require(routes.first)
    #expect(routes.count == 1)
    #expect(route.alias.text == "plex")
    #expect(route.problems.first?.description == "routes.yml:\(expected)")
    #expect(problems.contains(route.problems[0]))
  }

  @Test func reportsAllProblemsOfARoute() throws {
    let (routes, problems) = try RouteText.parse("plex:\n  port: 70000\n  host: a b\n  scheme: x\n  foo: 1\n")
    #expect(routes.first?.problems.map(\.location.line) == [2, 3, 4, 5])
    #expect(problems.count == 4)
  }

  @Test func putsVariablesIn() throws {
    let (routes, problems) = try RouteText.parse(
      "plex: {host: \"${H}\", port: \"${P:-32400}\"}", environment: ["H": "10.0.0.50"])
    #expect(problems.isEmpty)
    #expect(routes.first?.host == "10.0.0.50")
    #expect(routes.first?.port?.target == 32400)
  }

  @Test func keepsBothDeclarationsOfOneAlias() throws {
    let (routes, _) = try RouteText.parse("plex: {port: 1}\nsonarr: {port: 2}\nPlex: {port: 3}\n")
    #expect(routes.map(\.port?.target) == [1, 2, 3])
    #expect(
      routes.map { $0.problems.map(\.description) } == [
        [], [], ["routes.yml:3:1: alias 'Plex' occurs twice in this file, first on line 1"],
      ])
  }

  @Test(
    arguments: [
      ("\"\": {port: 1}", "routes.yml:1:1: an alias cannot be empty"),
      ("[a]: {port: 1}", "routes.yml:1:1: a key must be text, found a list or mapping"),
    ])
  func reportsAKeyThatIsNoAlias(_ text: String, _ expected: String) throws {
    let (routes, problems) = try RouteText.parse(text + "\nplex: {port: 2}\n")
    #expect(routes.map(\.alias.text) == ["plex"])
    #expect(problems.map(\.description) == [expected])
  }

  @Test(arguments: [
    "{proxmox: {vmname: plex}}", "{proxmox: {services: [x]}}", "{proxmox: }", "{idlewatcher: {proxmox: {vmname: x}}}",
    "{proxmox: {vmid: 105}}",
  ])
  func remembersThatThereIsAProxmox(_ text: String) throws {
    #expect(try RouteText.route("plex: \(text)").statesProxmox)
    #expect(try !RouteText.route("plex: {port: 1}").statesProxmox)
  }

  @Test func excludesARouteWhoseNameIsNoHostName() throws {
    let (routes, problems) = try RouteText.parse("a b: {port: 1}\nA B: {port: 2}\nplex: {port: 2}\n")
    #expect(routes.map(\.alias.text) == ["a b", "A B", "plex"])
    #expect(routes.map(\.problems.count) == [1, 2, 0])
    #expect(
      problems.map(\.description) == [
        "routes.yml:1:1: alias 'a b' is not a host name: wanted labels of letters, digits, '-' and '_' between dots",
        "routes.yml:2:1: alias 'A B' is not a host name: wanted labels of letters, digits, '-' and '_' between dots",
        "routes.yml:2:1: alias 'A B' occurs twice in this file, first on line 1",
      ])
  }

  @Test func skipsExtensionsAndMergesThem() throws {
    let (routes, problems) = try RouteText.parse(
      """
      x-defaults: &defaults
        scheme: https
        port: 443
      x-other: {anything: {goes: "${HERE}"}}
      plex:
        <<: *defaults
        port: 8443
      plex-old:
        <<: *defaults
      """)
    #expect(problems.isEmpty)
    #expect(routes.map(\.alias.text) == ["plex", "plex-old"])
    #expect(routes.map(\.port?.target) == [8443, 443])
    #expect(routes.map(\.scheme) == [.https, .https])
  }

  @Test func reportsAnAnchorsProblemOnceAndExcludesAllThatUseIt() throws {
    let (routes, problems) = try RouteText.parse("x-d: &d {port: 70000}\na: {<<: *d}\nb: {<<: *d}\nc: {port: 1}\n")
    #expect(problems.map(\.description) == ["routes.yml:1:16: port 70000 is not between 0 and 65535"])
    #expect(routes.map(\.problems.count) == [1, 1, 0])
  }
}
