import Synchronization
import TestSupport
import Testing

/// The responses when an upstream fails, and the retries.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyUpstreamFailureTests {
  @Test func anUpstreamThatRefusesIsA502() async throws {
    let server = try await RawServer { _ in }
    let lab = try await ProxyLab.start(server)
    try await server.stopListening()
    let answer = try await lab.get("web")
    #expect(answer.status == 502)
    #expect(answer.text.contains("web") && answer.text.contains("\(server.port)"), "it says which: \(answer.text)")
  }

  /// A stopped guest is only reported if its service does not answer; PVE's status alone refuses no request.
  @Test func aStoppedGuestThatAnswersIsServedAndOneThatDoesNotIsA503() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let address = try #require(try pve.guest("jellyfin").address)
    let port = try #require(try await pve.control(["op": "serve", "address": .string(address)]).int)
    let lab = try await ProxyLab.start(
      routes: "jellyfin: {port: \(port), healthcheck: {disable: true}}", clusters: [pve.entry()])
    try await lab.agent.route("jellyfin", "has a target") { $0["target"] != .null }
    #expect(try await lab.get("jellyfin").status == 200)
    try await pve.control(["op": "status", "vmid": 100, "status": "stopped"])
    try await lab.agent.route("jellyfin", "is known as stopped") { $0["link"]["guest_status"] == "stopped" }
    #expect(try await lab.get("jellyfin").status == 200)
    try await pve.control(["op": "silence", "address": .string(address), "port": .number(Double(port))])
    let answer = try await lab.get("jellyfin")
    #expect(answer.status == 503 && answer["retry-after"] != nil, "\(answer)")
    #expect(answer.text.contains("jellyfin") && answer.text.contains("stopped"), "\(answer.text)")
  }

  @Test func aRouteWithoutATargetIsA503() async throws {
    let lab = try await ProxyLab.start(routes: "lost: {port: 80, proxmox: {vmid: 105}}")
    let answer = try await lab.get("lost")
    #expect(answer.status == 503, "\(answer)")
  }

  enum Death: String, CaseIterable, Sendable { case beforeTheHead, withAReset, inTheHead, withNoHTTP, withTwoLengths }

  @Test(arguments: Death.allCases)
  func anUpstreamThatDiesBeforeItsAnswerIsA502(death: Death) async throws {
    let server = try await RawServer { connection in
      guard try await connection.request() != nil else { return }
      switch death {
      case .beforeTheHead: break
      case .withAReset: try await connection.reset()
      case .inTheHead: try await connection.send("HTTP/1.1 200 OK\r\nContent-")
      case .withNoHTTP: try await connection.send("SSH-2.0-OpenSSH_9.2\r\n\r\n")
      case .withTwoLengths:
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
      }
    }
    let lab = try await ProxyLab.start(server)
    let connection = try await lab.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    let answer = try #require(try await connection.response())
    #expect(answer.status == 502, "\(answer)")
    try await connection.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
    #expect(try await connection.response()?.status == 404, "the client's connection serves on")
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\nnonsense\r\n",
  ])
  func anAnswerCutShortIsNeverTakenForAWholeOne(answer: String) async throws {
    let server = try await RawServer { connection in
      guard try await connection.request() != nil else { return }
      try await connection.send(answer)
    }
    let lab = try await ProxyLab.start(server)
    let connection = try await lab.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    let received = try #require(try await connection.response())
    #expect(received.status == 200 && received.text == "part")
    #expect(!received.isComplete)
    #expect(try await connection.takeAll().isEmpty)
    #expect(connection.isEnded)
  }

  /// A body that is delimited by the end of the connection is complete only if the connection ends cleanly.
  @Test func aResetIsTheEndOfNoBody() async throws {
    let arrived = Gate()
    let server = try await RawServer { connection in
      guard try await connection.request() != nil else { return }
      try await connection.send("HTTP/1.1 200 OK\r\n\r\npart")
      try await arrived.wait()
      try await connection.reset()
    }
    let lab = try await ProxyLab.start(server)
    let connection = try await lab.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    _ = try #require(try await connection.take(through: "part\r\n"))
    arrived.open()
    #expect(try await connection.takeAll().isEmpty, "no last chunk")
  }

  @Test func anUpstreamThatSaysNothingIsA504() async throws {
    let server = try await RawServer { connection in _ = try await connection.takeAll() }
    let lab = try await ProxyLab.start(server, settings: ", timeouts: {response_header: 500ms}")
    #expect(try await lab.get("web").status == 504)
  }

  /// Serves one request per connection, then drops the connection silently at the next one.
  private static func forgetful(_ requests: Requests) async throws -> RawServer {
    try await RawServer { connection in
      guard let first = try await connection.request() else { return }
      requests.add(first)
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      // Closes on the next request, like a server whose timeout has just expired.
      if try await connection.take(1) != nil { requests.died() }
    }
  }

  private final class Requests: Sendable {
    private let state = Mutex<(seen: [RawMessage], deaths: Int)>(([], 0))
    func add(_ request: RawMessage) { state.withLock { $0.seen.append(request) } }
    func died() { state.withLock { $0.deaths += 1 } }
    var all: [RawMessage] { state.withLock { $0.seen } }
    var deaths: Int { state.withLock { $0.deaths } }
  }

  /// What comes of a request for which the proxy has kept a connection to such a server.
  private static func send(
    _ request: String, method: String
  ) async throws -> (requests: Requests, answer: RawMessage?) {
    try await withoutRest {
      let requests = Requests()
      let lab = try await ProxyLab.start(try await forgetful(requests))
      // One connection, because each event loop has its own upstream connections.
      let connection = try await lab.connect()
      let begin = ContinuousClock.now
      try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      #expect(try await connection.response()?.status == 200)
      try await connection.send(request)
      let answer = try await connection.response(to: method)
      return ((requests: requests, answer: answer), rest: ContinuousClock.now - begin)
    }
  }

  @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
  func whatMayBeSentTwiceIsSentAgainWhenAKeptConnectionWasDead(method: String) async throws {
    let (requests, answer) = try await Self.send(
      "\(method) /again HTTP/1.1\r\nHost: web\r\nContent-Length: 0\r\n\r\n", method: method)
    #expect(answer?.status == 200, "\(String(describing: answer))")
    #expect(requests.deaths == 1, "the kept connection was tried first")
    #expect(requests.all.map(\.path) == ["/", "/again"])
  }

  @Test(arguments: [
    "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\n\r\nhi", "PATCH / HTTP/1.1\r\nHost: web\r\n\r\n",
  ])
  func whatMayHaveHadAnEffectIsNotSentTwice(request: String) async throws {
    let (requests, answer) = try await Self.send(request, method: String(request.prefix { $0 != " " }))
    #expect(answer?.status == 502)
    #expect(requests.deaths == 1 && requests.all.count == 1)
  }

  @Test func bytesThatNobodyAskedForAnswerNobody() async throws {
    let server = try await RawServer { connection in
      while try await connection.request() != nil {
        // In one piece: what comes behind the next request answers that.
        try await connection.send(
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
      }
    }
    let lab = try await ProxyLab.start(server)
    for _ in 0..<20 { #expect(try await lab.get("web").text == "ok") }
  }
}
