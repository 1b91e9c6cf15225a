import NIOHPACK
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// A route with an access control that the proxy does not enforce answers 403 with the reason.
@Suite(.timeLimit(.minutes(2))) struct RestrictedRouteTests {
  private static let reason = "middlewares.oidc restricts access, which is not enforced here"

  private static func routes(_ upstream: EchoUpstream) throws -> [RegisteredRoute] {
    let restrict = { (declaration: inout RouteDeclaration) in declaration.restriction = reason }
    return [
      try .http("app", to: .network(scheme: .http, host: upstream.host, port: upstream.port), change: restrict),
      try .http("files", to: .files(root: "/"), change: restrict), try .http("nowhere", to: nil, change: restrict),
      try .http("open", to: upstream),
    ]
  }

  @Test func answers403WithTheReason() async throws {
    let upstream = try await EchoUpstream()
    try await RunningProxy.serving(try Self.routes(upstream)) { proxy in
      let connection = try await proxy.connect()
      for host in ["app", "files", "nowhere"] {
        try await connection.send("GET /etc/hostname HTTP/1.1\r\nHost: \(host)\r\nAccept: text/html\r\n\r\n")
        let page = try #require(try await connection.response())
        #expect(page.status == 403 && page.text.contains(Self.reason), "\(host): \(page)")
        try await connection.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        let answer = try #require(try await connection.response())
        #expect(answer.status == 403 && answer.text.contains("\"access_restricted\""), "\(host): \(answer)")
        #expect(answer.text.contains("ignore_access_control: true"))
      }
      try await connection.send("GET / HTTP/1.1\r\nHost: open\r\n\r\n")
      #expect(try await connection.response()?.status == 200)
    }
    #expect(upstream.requests.count == 1)
  }

  @Test func answers403OverHTTP2() async throws {
    let upstream = try await EchoUpstream()
    try await RunningProxy.serving(try Self.routes(upstream), certificate: TestCertificate()) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      try await client.get(host: "app", path: "/", stream: 1)
      #expect(try await client.firstHead()?.first(name: ":status") == "403")
    }
    #expect(upstream.requests.isEmpty)
  }

  /// Its TLS ends in the proxy, so that the client can read the reason.
  @Test func answers403WhereTLSWouldBePassedThrough() async throws {
    let route = try RegisteredRoute.passthrough("vault", restriction: Self.reason)
    try await RunningProxy.serving([route], certificate: TestCertificate()) { proxy in
      let connection = try await proxy.connect(offering: ["http/1.1"])
      try await connection.send("GET / HTTP/1.1\r\nHost: vault\r\n\r\n")
      let answer = try #require(try await connection.response())
      #expect(answer.status == 403 && answer.text.contains(Self.reason), "\(answer)")
    }
  }
}
