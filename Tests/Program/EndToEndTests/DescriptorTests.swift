import Foundation
import TestSupport
import Testing

/// An agent with a low limit of open files.
@Suite(.serialized, .inTurn) struct DescriptorTests {
  /// Opens and holds as many connections to an address as possible, and reports their number.
  private static let holder = """
    import json, select, socket, ssl, sys, threading
    plan = json.loads(sys.stdin.readline())
    held = []
    def secure():
        context = ssl._create_unverified_context()
        while True:
            try:
                held.append(context.wrap_socket(socket.create_connection(("127.0.0.1", plan["port"]))))
                print(len(held), flush=True)
                return
            except OSError:
                select.select([], [], [], 0.05)
    if plan["kind"] == "secureStream":
        for _ in range(plan["count"]):
            threading.Thread(target=secure, daemon=True).start()
        sys.stdin.read()
    if plan["kind"] == "datagrams":
        for _ in range(plan["count"]):
            held.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            held[-1].sendto(b"x", ("127.0.0.1", plan["port"]))
        print(len(held), flush=True)
        sys.stdin.read()
    while True:
        try:
            s = socket.socket(socket.AF_UNIX if "path" in plan else socket.AF_INET)
            s.settimeout(0.5)
            s.connect(plan["path"] if "path" in plan else ("127.0.0.1", plan["port"]))
            s.sendall(plan["text"].encode())
            held.append(s)
        except OSError:
            select.select([], [], [], 0.05)
        print(len(held), flush=True)
        if len(held) >= plan["count"]:
            break
    sys.stdin.read()
    """

  /// The kind of clients, and what they send.
  enum Flood: String, CaseIterable, Sendable {
    case silent, resting, stream, secureStream, datagrams, control

    /// The number of connections that get what they want; the others wait.
    var held: Int { self == .secureStream ? 20 : 300 }
  }

  @Test(.timeLimit(.minutes(10)), arguments: Flood.allCases)
  func staysWellWhenClientsTakeAllTheyGet(_ flood: Flood) async throws {
    let web = try await UpstreamServer()
    let certificate = try TestCertificate()
    var files = try AgentFiles(routes: [:])
    files.routes["routes.yml"] = """
      web: {host: \(web.host), port: \(web.port)}
      stream: {host: \(web.host), port: "0:\(web.port)"}
      secureStream: {host: \(web.host), port: "0:\(web.port)", tls_termination: true}
      datagrams: {host: \(web.host), port: "0:\(web.port)", scheme: udp, healthcheck: {disable: true}}
      site: {scheme: fileserver, root: \(files.directory.path)}
      """
    files.health = "{interval: 500ms, timeout: 30s, unhealthy_after: 1}"
    files.more = """
      proxy: {http: "127.0.0.1:0", certificate: \(certificate.certificateFile), key: \(certificate.keyFile)}
      """
    let agent = try await RunningAgent.ready(files, descriptors: 256)
    let aliases = ["web", "stream", "site"]
    for alias in aliases { try await agent.route(alias, "is healthy") { $0["health"]["status"] == "healthy" } }
    let lab = try await ProxyLab.listeningPort(of: agent)
    let holder = try await Self.hold(flood, on: agent, http: lab)
    try await eventually("connections are held; there are \(holder.lines.last ?? "none")") {
      Int(holder.lines.last ?? "").map { $0 >= flood.held } == true ? () : nil
    }
    let checked = try await Self.lastChecks(aliases, agent)
    try await eventually("the routes were checked again") {
      try await Self.lastChecks(aliases, agent).elementsEqual(checked) { $0 != $1 } ? () : nil
    }
    for alias in aliases {
      let health = try await agent.get("/v1/health/\(alias)")
      #expect(health["status"] == "healthy", "\(alias): \(health)")
    }
    #expect(!agent.program.errors.contains("unhealthy"), "\(agent.program.errors)")
    let metrics = try await eventually("connections wait") {
      let metrics = try await Self.metrics(agent)
      return metrics["pvescout_connections_waiting"] == 1 ? metrics : nil
    }
    #expect(metrics["process_max_fds"] == 256 && (metrics["process_open_fds"] ?? 256) < 250, "\(metrics)")
    let status = try await agent.cli("status")
    #expect(status.status == .code(0) && status.output.contains("file descriptors"), "\(status)")
    // The oldest ones are closed, and every accepted client gets its upstream.
    // A client that says nothing for a second is one of those, so this one connects with its request.
    let request = "GET / HTTP/1.1\r\nHost: web\r\n\r\n"
    let connection = try await RawConnection.connect(to: lab, preface: Array(request.utf8))
    #expect(try await connection.response()?.status == 200)
    #expect(try await agent.stop() == .code(0))
  }

  @Test(.timeLimit(.minutes(5))) func saysInOneLineThatThereAreTooFew() async throws {
    var files = try AgentFiles()
    files.more = "proxy: {http: \"127.0.0.1:0\"}"
    try files.write()
    let program = try RunningAgent.limited(to: 64, ["run", "--config", files.configurationPath])
    #expect(try await program.exit() == .code(1))
    let lines = program.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains("64 open files") && lines[0].contains("LimitNOFILE"), "\(lines)")
  }

  private static func hold(_ flood: Flood, on agent: RunningAgent, http: UInt16) async throws -> ServerProcess {
    var plan: [String: JSON] = [
      "kind": .string(flood.rawValue), "count": 300, "text": "", "port": .number(Double(http)),
    ]
    switch flood {
    case .silent: break
    case .resting: plan["text"] = "GET / HTTP/1.1\r\nHost: web\r\n\r\n"
    case .stream, .secureStream, .datagrams:
      let address = try await agent.route(flood.rawValue, "listens") { $0["listen"] != .null }["listen"].string ?? ""
      plan["port"] = .number(Double(address.split(separator: ":").last ?? "") ?? 0)
    case .control: plan["path"] = .string(agent.files.socketPath)
    }
    return try ServerProcess(
      program: holder, input: String(decoding: try JSONEncoder().encode(JSON.object(plan)), as: UTF8.self))
  }

  private static func lastChecks(_ aliases: [String], _ agent: RunningAgent) async throws -> [JSON] {
    var checks: [JSON] = []
    for alias in aliases { checks.append(try await agent.get("/v1/health/\(alias)")["last_checked"]) }
    return checks
  }

  /// The samples without labels.
  private static func metrics(_ agent: RunningAgent) async throws -> [String: Double] {
    let answer = try await Program.run(
      "/usr/bin/curl", ["--silent", "--unix-socket", agent.files.socketPath, "http://localhost/metrics"])
    let samples = answer.output.split(separator: "\n").compactMap { line -> (String, Double)? in
      let words = line.split(separator: " ")
      return words.count == 2 ? Double(words[1]).map { (String(words[0]), $0) } : nil
    }
    return Dictionary(samples, uniquingKeysWith: { first, _ in first })
  }
}
