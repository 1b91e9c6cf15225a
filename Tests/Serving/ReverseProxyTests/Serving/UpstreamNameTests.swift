import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// Upstreams with host names.
@Suite struct UpstreamNameTests {
  private static let request = "GET / HTTP/1.1\r\nHost: dead\r\n\r\n"

  @Test(.timeLimit(.minutes(5)), arguments: [RouteScheme.http, .h2c])
  func aNameWithoutAnswerFailsAlone(scheme: RouteScheme) async throws {
    let echo = try await EchoUpstream()
    let names = ScriptedNames(["good.test": [echo.host]])
    let routes: [RegisteredRoute] = [
      try .http("dead", to: .network(scheme: scheme, host: "dead.test", port: 80)),
      try .http("good", to: .network(scheme: .http, host: "good.test", port: echo.port)),
    ]
    try await RunningProxy.serving(routes, names: names.resolver) { proxy in
      var waiting: [RawConnection] = []
      for _ in 0..<20 {
        let connection = try await proxy.connect()
        try await connection.send(Self.request)
        waiting.append(connection)
      }
      try await eventually("the name is looked up") { names.waiting == 1 ? () : nil }
      let good = try await proxy.connect()
      try await good.send("GET / HTTP/1.1\r\nHost: good\r\n\r\n")
      #expect(try await good.response()?.status == 200)
      names.endSilence()
      for connection in waiting { #expect(try await connection.response()?.status == 502) }
      // At once: the connect timeout is much longer.
      let next = try await proxy.connect()
      try await next.send(Self.request)
      let answer = try #require(try await next.response())
      #expect(answer.status == 502 && answer.text.contains("has no address"), "\(answer)")
      #expect(names.asked.filter { $0 == "dead.test" }.count <= 2, "once, and again a second later")
    }
  }

  @Test(.timeLimit(.minutes(5))) func triesTheAddressesOfAName() async throws {
    let echo = try await EchoUpstream()
    // There is no listener on the first address.
    let names = ScriptedNames(["two.test": ["127.255.0.9", echo.host]])
    let route = try RegisteredRoute.http("two", to: .network(scheme: .http, host: "two.test", port: echo.port))
    try await RunningProxy.serving([route], names: names.resolver) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: two\r\n\r\n")
      #expect(try await connection.response()?.status == 200)
    }
  }
}
