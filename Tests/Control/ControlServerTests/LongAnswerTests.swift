import ControlAPI
import ControlClient
import Foundation
import HTTPTransport
import NIOCore
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ControlServer

/// Answers that are made while they are written.
@Suite(.timeLimit(.minutes(5))) struct LongAnswerTests {
  private static func agent(routes count: Int) -> StubAgent {
    StubAgent(
      routes: (0..<count).map {
        Route.sample("r\($0)", pool: .stream, target: "127.0.2.5", link: .linked(.plex), status: .healthy)
      })
  }

  @Test(arguments: ["/v1/routes", "/v1/providers", "/v1/health", "/v1/health?view=history", "/metrics"])
  func comeWholeInPieces(_ path: String) async throws {
    let response = try await withServer(Self.agent(routes: 2000)) { _, socket in
      try await send(.get, path, to: socket.path)
    }
    #expect(response.header("Transfer-Encoding") == "chunked" && response.header("Content-Length") == nil)
    let text = String(decoding: response.body, as: UTF8.self)
    #expect(text.hasSuffix("\n"))
    if path == "/metrics" {
      #expect(text.split(separator: "\n").count { $0.hasPrefix("pvescout_route_up{") } == 2000)
    } else {
      #expect(text.matches(of: /"health":|"r[0-9]+":/).count >= 2000)
      _ = try JSON(parsing: response.body)
    }
  }

  @Test func toldShortlyHaveALength() async throws {
    let response = try await withServer { _, socket in try await send(.get, "/v1/routes", to: socket.path) }
    #expect(response.header("Content-Length") == "\(response.body.count)")
  }

  @Test func endWithTheConnectionForHTTP10() async throws {
    try await withServer(Self.agent(routes: 1000)) { _, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path)
      try await connection.send("GET /v1/routes HTTP/1.0\r\nHost: x\r\n\r\n")
      let answer = String(decoding: try await connection.takeAll(), as: UTF8.self)
      let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
      #expect(!parts[0].lowercased().contains("chunked"))
      #expect(try WireFormat.decode(RouteList.self, from: Array(parts[1].utf8)).routes.count == 1000)
    }
  }

  @Test func areLeftOutForHead() async throws {
    try await withServer(Self.agent(routes: 1000)) { _, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path)
      try await connection.send("HEAD /v1/routes HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try await connection.response(to: "HEAD")?.body.isEmpty == true)
      #expect(try await connection.response()?.text.contains("alive") == true)
    }
  }

  /// Of a list that is not read, only the kernel's buffers and one more piece are made.
  @Test func areMadeNoFasterThanTheyAreRead() async throws {
    let agent = Self.agent(routes: 12_000)
    try await withServer(agent) { client, socket async throws in
      let reader = try StalledReader(asking: "/v1/routes", on: socket.path)
      try await reader.fillUp()
      #expect((1..<6000).contains(agent.listenerLookups))
      // Other readers are served meanwhile.
      #expect(try await client.info().value.routes["stream"] == 12_000)
    }
  }

  @Test func areMadeInPiecesOfTheirElements() {
    let parts: [PartedBody<MetricsPage>.Part] = [
      .init { $0.begin("number", .gauge, "Of it.") }, .init(count: 0) { _, _ in },
      .init(count: 1000) {
        $1.sample(MetricLabels())
        $1.value($0)
      },
    ]
    var (body, pieces) = (PartedBody(MetricsPage(), parts), [ByteBuffer]())
    while true {
      var piece = ByteBuffer()
      let goesOn = body.write(to: &piece, atLeast: 1024)
      pieces.append(piece)
      guard goesOn else { break }
    }
    #expect(pieces.dropLast().allSatisfy { (1024..<1200).contains($0.readableBytes) })
    let text = pieces.map { String(buffer: $0) }.joined()
    #expect(text.hasPrefix("# HELP number Of it.\n# TYPE number gauge\nnumber 0\nnumber 1\n"))
    #expect(text.split(separator: "\n").count == 1002 && text.hasSuffix("number 999\n"))
  }
}

/// A route's rendering is encoded once, and never outdated.
@Suite(.timeLimit(.minutes(5))) struct SharedEncodingTests {
  @Test func showsTheHealthOfEachMoment() async throws {
    let agent = StubAgent()
    let cell = try #require(agent.registry.get("plex")).route.health
    try await withServer(agent) { client, _ async throws in
      #expect(try await client.routes().value.routes.first { $0.key == "plex" }?.health.status == "healthy")
      cell.report = .unknown("gone \u{202E} \"quietly\"")
      let route = try #require(try await client.routes().value.routes.first { $0.key == "plex" })
      #expect(route.health.status == "unknown" && route.health.detail == "gone \u{202E} \"quietly\"")
      #expect(route.health.latencyMicroseconds == nil)
      #expect(try await client.route("plex").value == route)
    }
  }

  @Test func showsWhereAStreamListensNow() async throws {
    let agent = StubAgent()
    let id = try #require(agent.registry.snapshot.entry("ssh")).registered.id
    try await withServer(agent) { client, _ async throws in
      for (state, listen, error) in [
        (nil, nil, nil), (.listening("127.0.0.1:2222"), "127.0.0.1:2222", nil), (.failed("in use"), nil, "in use"),
      ] as [(ListenerState?, String?, String?)] {
        if let state { agent.set(state, for: id) }
        let route = try #require(try await client.routes().value.routes.first { $0.key == "ssh" })
        #expect(route.listen == listen && route.listenError == error)
      }
    }
  }

  @Test(arguments: [
    "/v1", "/v1/routes", "/v1/routes/plex", "/v1/routes/ssh", "/v1/routes/plex/explain", "/v1/lookup?alias=twin",
    "/v1/lookup?alias=nobody", "/v1/providers", "/v1/health/plex", "/v1/health/pve-ui", "/v1/clusters", "/v1/nodes",
    "/v1/guests", "/livez", "/readyz", "/v1/routes/nobody",
  ])
  func isCompactWithSortedKeys(_ path: String) async throws {
    let body = try await withServer { _, socket in try await send(.get, path, to: socket.path).body }
    // Compared with Foundation's encoder.
    #expect(String(decoding: body, as: UTF8.self) == "\(try JSON(parsing: body))\n")
  }
}
