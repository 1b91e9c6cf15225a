import PeerTrust
import RouteModel
import Testing

@testable import RouteProviders

/// Everything that GoDoxy's loader accepts is accepted, with the same meaning.
@Suite struct GoDoxyGrammarTests {
  @Test(
    arguments: [
      ("port: ':8080'", RouteDeclaration.Port(target: 8080)), ("port: ' 8080 '", .init(target: 8080)),
      ("port: 0", nil), ("port: '0'", nil), ("port: ':0'", nil), ("port: ''", nil), ("Port: 81", .init(target: 81)),
      ("scheme: tcp, port: ':22'", .init(listen: 0, target: 22)), ("port: '22:0'", .init(listen: 22, target: 80)),
      ("scheme: udp, port: 53", .init(target: 53)),
    ])
  func readsPorts(_ text: String, _ expected: RouteDeclaration.Port?) throws {
    #expect(try RouteText.route("app: {\(text)}").port == expected)
  }

  @Test func aListeningPortOfHTTPIsIgnoredWithAWarning() throws {
    let (routes, problems) = try RouteText.parse("app: {scheme: http, port: '8081:80'}")
    #expect(routes.first?.port == RouteDeclaration.Port(target: 80) && routes.first?.problems.isEmpty == true)
    #expect(
      problems.map(\.description) == [
        "routes.yml:1:21: warning: the listening port 8081 is ignored: scheme http is served at the addresses of 'proxy'"
      ])
  }

  @Test func aStreamWithoutAPortHasGoDoxysWithAWarning() throws {
    #expect(
      try RouteText.problems("app: {scheme: udp}")
        == ["1:7: warning: scheme udp states no port, so that it is 80: say which is meant"])
    #expect(try RouteText.problems("postgres: {scheme: tcp}").isEmpty)
  }

  @Test(
    arguments: [
      ("{disable: true}", true), ("{disabled: true}", true), ("{Disabled: True}", true), ("{disabled: false}", false),
      ("{disable: 1}", true), ("'disable: true'", true), ("\"disabled: t\\npath: /x\"", true), ("{}", nil), ("''", nil),
    ])
  func readsWhetherAHealthCheckIsDisabled(_ text: String, _ expected: Bool?) throws {
    #expect(try RouteText.route("app: {healthcheck: \(text)}").healthCheck.disable == expected)
  }

  @Test(
    arguments: [
      ("-1", 1), ("-7", 1), ("0", nil), ("5", 5), ("' 5 '", 5), ("1000", 1000), ("", nil),
    ])
  func readsHowManyFailuresCount(_ text: String, _ expected: Int?) throws {
    #expect(try RouteText.route("app: {healthcheck: {retries: \(text)}}").healthCheck.retries == expected)
  }

  @Test(
    arguments: [
      ("1w", .seconds(604_800)), ("1M", .seconds(2_592_000)), ("1500000us", .milliseconds(1500)),
      ("2d", .seconds(172_800)),
      ("1500000µs", .milliseconds(1500)), ("1h30m", .seconds(5400)), ("1d12h", .seconds(129_600)),
      ("1.5s", .milliseconds(1500)),
      ("' 10s '", .seconds(10)), ("0", nil), ("0s", nil), ("0h0m", nil), ("''", nil),
    ] as [(String, Duration?)])
  func readsDurations(_ text: String, _ expected: Duration?) throws {
    let route = try RouteText.route("app: {response_header_timeout: \(text), healthcheck: {interval: \(text)}}")
    #expect(route.responseHeaderTimeout == expected && route.healthCheck.interval == expected)
  }

  @Test(
    arguments: [
      ("ssl_server_name: ''", nil), ("ssl_server_name: 'on'", nil), ("sslServerName: nas.lan", .named("nas.lan")),
      ("ssl_server_name: 'off'", .off), ("SSL_SERVER_NAME: off", .off),
      ("ssl_server_name: ' nas.lan '", .named("nas.lan")),
    ] as [(String, TLSServerName?)])
  func readsTheNameForTLS(_ text: String, _ expected: TLSServerName?) throws {
    #expect(try RouteText.route("app: {\(text)}").tlsServerName == expected)
  }

  @Test func keysMatchWithoutCaseAndUnderscores() throws {
    let route = try RouteText.route(
      """
      app:
        Host: " NAS.lan "
        SCHEME: HTTPS
        noTLSVerify: true
        responseHeaderTimeout: 5s
        healthCheck: {useGet: true, Path: /ping}
        Proxmox: {VMID: 105, Node: pve1, vmName: app}
      """)
    #expect(route.host == "NAS.lan" && route.scheme == .https && route.noTLSVerify)
    #expect(route.responseHeaderTimeout == .seconds(5))
    #expect(route.healthCheck.useGet == true && route.healthCheck.path == "/ping")
    #expect(route.proxmox == ProxmoxReference(.guest(105, nodeHint: "pve1")))
  }

  @Test func oneKeyInTwoSpellingsIsAnError() throws {
    #expect(
      try RouteText.problems("app:\n  no_tls_verify: true\n  noTLSVerify: false\n")
        == ["3:3: 'noTLSVerify' is the same key as 'no_tls_verify', set on line 2"])
  }

  @Test(
    arguments: [
      ("proxmox: 'vmid: 105'", ProxmoxReference(.guest(105, nodeHint: nil))),
      ("proxmox: '{node: pve1, vmid: 0}'", .init(.node("pve1"))),
      ("idlewatcher: 'proxmox: {node: pve1, vmid: 105}'", .init(.guest(105, nodeHint: "pve1"))),
      ("proxmox: ''", nil),
    ])
  func readsYAMLText(_ text: String, _ expected: ProxmoxReference?) throws {
    #expect(try RouteText.route("app: {\(text)}").proxmox == expected)
  }

  @Test func readsABlockOfYAMLText() throws {
    let route = try RouteText.route("app:\n  healthcheck: |\n    path: /health\n    interval: 20s\n")
    #expect(route.healthCheck.path == "/health" && route.healthCheck.interval == .seconds(20))
  }

  /// What aliases expand to counts for the file as a whole: in its own YAML, and in each use of YAML text.
  @Test(arguments: [(0, 1, false), (0, 2, true), (1, 0, false), (1, 1, true)])
  func boundsWhatAFileExpandsTo(inFile: Int, inTexts: Int, isTooMuch: Bool) throws {
    let repeated = { (value: String, times: Int) in Array(repeating: value, count: times).joined(separator: ", ") }
    // 111,214 values, of the 200,000 that are allowed.
    let values = "{a: &a [\(repeated("x", 100))], b: &b [\(repeated("*a", 100))], c: [\(repeated("*b", 10))]}"
    var text = "x-text: &text 'widget: \(values)'\n"
    for number in 0..<inFile { text += "x-\(number): \(values)\n" }
    for number in 0..<inTexts { text += "app\(number): {homepage: *text}\n" }
    let errors = try RouteText.problems(text).filter { !$0.contains("warning") }
    let expected = "1:9: homepage, line 1 of its text: aliases expand to more than 200000 values"
    #expect(errors == (isTooMuch ? [expected] : []))
  }

  @Test(
    arguments: [
      ("healthcheck: 'path: /x\n\n  - y'", "1:20: healthcheck, line 2 of its text: "),
      ("healthcheck: 'pth: /x'", "1:20: unknown key 'pth', did you mean 'path'?"),
      ("healthcheck: 'a, b'", "1:20: healthcheck must be a mapping, found text"),
      ("healthcheck: false", "1:20: warning: healthcheck: false states nothing: it takes a mapping"),
    ])
  func pointsAtYAMLTextThatIsWrong(_ text: String, _ expected: String) throws {
    let problems = try RouteText.problems("app: {\(text)}")
    #expect(problems.count == 1 && problems[0].hasPrefix(expected), "\(problems)")
  }

  @Test func readsListsAsText() throws {
    let commas = try RouteText.route("app: {proxmox: {vmid: 105, services: 'a, b', files: \"- /c\\n- /d\"}}")
    #expect(commas.notes == ["service a", "service b", "file /c", "file /d"])
  }

  /// Spaces in a UDP payload are part of it.
  @Test func leavesAPayloadAsItIs() throws {
    let route = try RouteText.route("app: {port: '0:53', scheme: udp, healthcheck: {payload: ' ping '}}")
    #expect(route.healthCheck.payload == Array(" ping ".utf8))
  }

  @Test func namesWhatHasNoMeaningAndWhatHasNoEffectYet() throws {
    let meaningless = [
      "path_patterns", "access_log", "load_balance", "agent", "ssl_certificate", "ssl_certificate_key", "ssl_protocols",
      "disable_compression",
    ]
    let text = ["a", "b", "c", "d", "e"].map { alias in
      """
      \(alias):
      \(meaningless.map { "  \($0): {deep: [\"${NOT_LOOKED_AT}\"]}" }.joined(separator: "\n"))
        middlewares: {redirect_http: , setXForwarded: {}}
        homepage: {name: A, icon: "@selfhst/a.png", desc: x, show: false, widget: {a: {b: 1}}}
        public_url: https://a.home.example
        priority: 2
        pool: true
        idlewatcher: {idle_timeout: 30m, stop_signal: SIGTERM, docker: {container_id: x}, depends_on: "b, c"}
        proxmox: {vmid: 105, start: on_request}

      """
    }
    let (routes, problems) = try RouteText.parse(text.joined())
    #expect(routes.allSatisfy { $0.problems.isEmpty && $0.restriction == nil })
    #expect(problems.map(\.severity) == [.warning, .warning], "\(problems)")
    let messages = problems.map(\.message)
    let named =
      meaningless + [
        "idlewatcher.docker", "idlewatcher.stop_signal", "middlewares.redirect_http", "middlewares.setXForwarded",
      ]
    for key in named { #expect(messages[0].contains("\(key) (a, b, c and 2 more)"), "\(key): \(messages[0])") }
    #expect(messages[0].hasPrefix("ignored, without a meaning here: "))
    let awaited = ["homepage", "pool", "priority", "public_url"]
    for key in awaited { #expect(messages[1].contains("\(key) (a, b, c and 2 more)"), "\(key): \(messages[1])") }
    #expect(messages[1].hasPrefix("accepted, without an effect yet: "))
  }

  @Test(arguments: [
    "idlewatcher: {proxmox: {node: pve1, vmid: 105}}", "idlewatcher: {idle_timeout: 0}", "max_conns_per_host: 50",
    "pool: false", "priority: 0", "proxmox: {vmid: 105, start: never}", "middlewares: {}", "rules: []",
  ])
  func whatStatesNothingIsNotNamed(_ text: String) throws {
    #expect(try RouteText.problems("app: {\(text)}").isEmpty)
  }

  @Test(
    arguments: [
      ("idlewatcher: {idle_timeout: soon}", "idle_timeout must be a duration such as 30m, found 'soon'"),
      ("idlewatcher: {stop_method: halt}", "stop_method must be one of stop, pause, kill, found 'halt'"),
      ("idlewatcher: {idel_timeout: 1m}", "unknown key 'idel_timeout', did you mean 'idle_timeout'?"),
      ("homepage: {nmae: A}", "unknown key 'nmae', did you mean 'name'?"),
      ("public_url: a.home.example", "public_url must be an http or https URL, found 'a.home.example'"),
      (
        "proxmox: {vmid: 105, start: always}",
        "start must be one of never, on_request, on_load, found 'always'"
      ),
    ])
  func checksWhatHasNoEffectYet(_ text: String, _ expected: String) throws {
    #expect(try RouteText.parse("app: {\(text)}").routes.first?.problems.map(\.message) == [expected])
  }

  @Test func aTimeoutBelowZeroIsADependencys() throws {
    #expect(try RouteText.problems("app: {idlewatcher: {idle_timeout: -1s}}").isEmpty)
    #expect(try RouteText.route("app: {idlewatcher: {idle_timeout: -1s}}").wake?.idleTimeout == nil)
  }
}
