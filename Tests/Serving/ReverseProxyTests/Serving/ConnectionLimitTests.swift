import NIOCore
import NIOPosix
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets
import StreamProxy
import Synchronization
import TestSupport
import Testing

@testable import ReverseProxy

/// `max_conns_per_host` of HTTP routes, over both event loops of the proxy.
@Suite(.timeLimit(.minutes(5))) struct ConnectionLimitTests {
  private static func route(
    to server: RawServer, limit: Int, alias: String = "web", timeout: Duration? = nil
  ) throws -> RegisteredRoute {
    try .http(alias, to: .network(scheme: .http, host: server.host, port: server.port)) {
      $0.connectionLimit = limit
      $0.responseHeaderTimeout = timeout
    }
  }

  private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

  private static func get(_ path: String = "/", by proxy: RunningProxy) async throws -> RawConnection {
    let client = try await proxy.connect()
    try await client.send("GET \(path) HTTP/1.1\r\nHost: web\r\n\r\n")
    return client
  }

  /// Like a device that accepts no other connection until the current one is closed, and closes none itself.
  @Test func aSingleConnectionDeviceServesAllClients() async throws {
    let device = Turnstile()
    let server = try await RawServer { connection in
      try await device.pass {
        while try await connection.request() != nil { try await connection.send(Self.answer) }
      }
    }
    let route = try Self.route(to: server, limit: 1)
    try await RunningProxy.serving([route], configure: { $0.timeouts.upstreamIdle = .seconds(3600) }) { proxy in
      try await withThrowingTaskGroup { group in
        for _ in 0..<12 {
          group.addTask {
            let client = try await proxy.connect()
            for _ in 0..<3 {
              try await client.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
              #expect(try await client.response()?.text == "ok")
            }
          }
        }
        try await group.waitForAll()
      }
    }
    #expect(server.connections == 36)
  }

  @Test func requestsWaitInOrderOfArrival() async throws {
    let gate = Gate()
    let paths = Mutex<[String]>([])
    let server = try await RawServer { connection in
      while let request = try await connection.request() {
        paths.withLock { $0.append(request.path) }
        if request.path == "/0" { try await gate.wait() }
        try await connection.send(Self.answer)
      }
    }
    let route = try Self.route(to: server, limit: 1)
    try await RunningProxy.serving([route]) { proxy in
      var clients: [RawConnection] = []
      for number in 0..<6 {
        clients.append(try await Self.get("/\(number)", by: proxy))
        try await eventually("it waits") { proxy.totals(route).inFlight == number + 1 ? () : nil }
      }
      #expect(server.connections <= 1)
      gate.open()
      for client in clients { #expect(try await client.response()?.status == 200) }
    }
    #expect(paths.withLock { $0 } == (0..<6).map { "/\($0)" })
  }

  @Test(arguments: [(1, "close"), (2, nil)]) func asksASingleConnectionDeviceToClose(
    limit: Int, field: String?
  ) async throws {
    let server = try await RawServer { connection in
      while let request = try await connection.request() {
        let field = request["connection"] ?? "none"
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(field.utf8.count)\r\n\r\n\(field)")
      }
    }
    try await RunningProxy.serving([try Self.route(to: server, limit: limit)]) { proxy in
      let client = try await Self.get(by: proxy)
      for _ in 0..<2 {
        #expect(try await client.response()?.text == field ?? "none")
        try await client.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      }
    }
  }

  /// On any event loop.
  @Test func idleConnectionsGiveWay() async throws {
    let server = try await RawServer { connection in
      while try await connection.request() != nil { try await connection.send(Self.answer) }
    }
    let route = try Self.route(to: server, limit: 2)
    try await RunningProxy.serving([route], configure: { $0.timeouts.upstreamIdle = .seconds(3600) }) { proxy in
      // The event loops alternate, so that each keeps one of the two connections at first.
      var clients: [RawConnection] = []
      for _ in 0..<4 { clients.append(try await proxy.connect()) }
      for _ in 0..<3 {
        for client in clients {
          try await client.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
          #expect(try await client.response()?.status == 200)
        }
      }
      #expect(server.connections == 2)
      try await withThrowingTaskGroup { group in
        for client in clients {
          group.addTask {
            try await client.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
            #expect(try await client.response()?.status == 200)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test(arguments: ["GET", "POST"]) func waitingCountsAsTimeForTheResponse(_ method: String) async throws {
    let server = try await RawServer { connection in
      while try await connection.request() != nil {}
    }
    // A client that may not send its body yet does not time out either.
    let body = method == "POST" ? "Content-Length: 5\r\n\r\nhello" : "\r\n"
    let route = try Self.route(to: server, limit: 1, timeout: .seconds(3600))
    let impatient = try Self.route(to: server, limit: 1, alias: "impatient", timeout: .milliseconds(300))
    try await RunningProxy.serving([route, impatient], configure: { $0.timeouts.idle = .milliseconds(50) }) { proxy in
      let first = try await Self.get(by: proxy)
      try await eventually("it is served") { server.connections == 1 ? () : nil }
      let second = try await proxy.connect()
      try await second.send("\(method) / HTTP/1.1\r\nHost: impatient\r\nAccept: application/json\r\n\(body)")
      let answer = try await second.response()
      #expect(answer?.status == 503 && answer?.text.contains("upstream_busy") == true)
      #expect(answer?["retry-after"] != nil && server.connections == 1)
      first.close()
    }
  }

  @Test(arguments: [true, false]) func aDisconnectedClientLeavesTheQueue(isReset: Bool) async throws {
    let gate = Gate()
    let paths = Mutex<[String]>([])
    let server = try await RawServer { connection in
      while let request = try await connection.request() {
        paths.withLock { $0.append(request.path) }
        if request.path == "/first" { try await gate.wait() }
        try await connection.send(Self.answer)
      }
    }
    let route = try Self.route(to: server, limit: 1)
    try await RunningProxy.serving([route]) { proxy in
      let first = try await Self.get("/first", by: proxy)
      try await eventually("it is served") { server.connections == 1 ? () : nil }
      let second = try await Self.get("/second", by: proxy)
      try await eventually("it waits") { proxy.totals(route).inFlight == 2 ? () : nil }
      if isReset { try await second.reset() } else { try await second.finish() }
      try await eventually("it has left the queue") { proxy.totals(route).inFlight == 1 ? () : nil }
      let third = try await Self.get("/third", by: proxy)
      gate.open()
      #expect(try await first.response()?.status == 200)
      #expect(try await third.response()?.status == 200)
    }
    #expect(paths.withLock { $0 } == ["/first", "/third"])
  }

  /// The body of a request is not read while it waits.
  @Test func aRequestWithABodyIsSentWholeWhenItsTurnComes() async throws {
    let gate = Gate()
    let server = try await RawServer { connection in
      while let request = try await connection.request() {
        if request.path == "/first" { try await gate.wait() }
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
        try await connection.send(request.body)
      }
    }
    let route = try Self.route(to: server, limit: 1)
    try await RunningProxy.serving([route]) { proxy in
      let first = try await Self.get("/first", by: proxy)
      try await eventually("it is served") { server.connections == 1 ? () : nil }
      let second = try await proxy.connect()
      let body = String(repeating: "upload ", count: 30_000)
      second.begin(
        sending: ByteBuffer(string: "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
      )
      try await eventually("it waits") { proxy.totals(route).inFlight == 2 ? () : nil }
      gate.open()
      #expect(try await first.response()?.status == 200)
      #expect(try await second.response(to: "POST")?.text == body)
    }
  }

  @Test func aRequestThatExceedsThePlacesOfItsClientIsRefusedAtOnce() async throws {
    let gate = Gate()
    let server = try await RawServer { connection in
      while try await connection.request() != nil {
        try await gate.wait()
        try await connection.send(Self.answer)
      }
    }
    let route = try Self.route(to: server, limit: 1, timeout: .seconds(3600))
    try await RunningProxy.serving([route]) { proxy in
      let first = try await Self.get(by: proxy)
      try await eventually("it is served") { server.connections == 1 ? () : nil }
      let limits = proxy.streams.connectionLimits
      let waiting = (0..<ConnectionQueue.maxWaitingPerClient).map { _ in
        limits.request(
          .init(host: server.host, port: server.port), limit: 1, client: "127.0.0.1",
          on: MultiThreadedEventLoopGroup.singleton.any(), onGrant: {})
      }
      let second = try await proxy.connect()
      let request = "GET / HTTP/1.1\r\nHost: web\r\nAccept: application/json\r\n\r\n"
      try await second.send(request)
      let refusal = try await second.response()
      #expect(refusal?.status == 503 && refusal?.text.contains("upstream_busy") == true)
      #expect(refusal?["retry-after"] != nil && server.connections == 1)
      for place in waiting { #expect(place?.permit.withdraw() == true) }
      // The same connection is served now.
      try await second.send(request)
      gate.open()
      #expect(try await first.response()?.status == 200)
      #expect(try await second.response()?.status == 200)
    }
  }

  @Test func anUnreachableUpstreamHoldsNoPermit() async throws {
    let server = try await RawServer { _ in }
    try await server.stopListening()
    let route = try Self.route(to: server, limit: 1)
    try await RunningProxy.serving([route]) { proxy in
      for _ in 0..<3 {
        let answer = try await Self.get(by: proxy).response()
        #expect(answer?.status == 502)
      }
    }
  }
}

/// Admits one task at a time.
private final class Turnstile: Sendable {
  private let isTaken = Mutex(false)

  func pass(_ body: () async throws -> Void) async throws {
    try await eventually(every: .milliseconds(1), "its turn comes") { take() }
    defer { isTaken.withLock { $0 = false } }
    try await body()
  }

  private func take() -> Bool? {
    isTaken.withLock { isTaken in
      guard !isTaken else { return nil }
      isTaken = true
      return true
    }
  }
}
