import Foundation
import TestSupport
import Testing

/// The information about clients that upstreams receive, and that they do not receive.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyForwardingTests {
  private static let spoofed = [
    "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil", "X-Real-IP: 1.2.3.4",
    "Forwarded: for=1.2.3.4;host=evil", "X_Forwarded_For: 1.2.3.4",
  ].joined(separator: "\r\n")

  private func request(_ lab: ProxyLab, _ upstream: EchoUpstream, _ fields: String) async throws -> RawMessage {
    let connection = try await lab.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: web:8080\r\n\(fields)\r\n\r\n")
    #expect(try await connection.response()?.status == 200)
    return try #require(upstream.requests.last)
  }

  @Test func aStrangerIsToldAsItIsAndNotAsItSays() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream)
    let request = try await request(lab, upstream, Self.spoofed)
    #expect(request.values("x-forwarded-for") == ["127.0.0.1"])
    #expect(request.values("x-forwarded-proto") == ["http"])
    #expect(request.values("x-forwarded-host") == ["web:8080"])
    #expect(request.values("x-real-ip") == ["127.0.0.1"])
    let forwarded = request.values("forwarded")
    #expect(forwarded.count == 1 && forwarded[0].contains("for=127.0.0.1") && forwarded[0].contains("proto=http"))
    #expect(request.values("x_forwarded_for").isEmpty)
    #expect(request.values("host") == ["web:8080"])
    #expect(!request.fields.contains { $0.value.contains("1.2.3.4") || $0.value.contains("evil") }, "\(request.fields)")
  }

  @Test func aTrustedProxysWordIsKeptAndExtended() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream, settings: ", trusted_proxies: [127.0.0.1]")
    let request = try await request(
      lab, upstream,
      "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: a.example\r\nForwarded: for=1.2.3.4")
    #expect(request.values("x-forwarded-for").joined(separator: ", ") == "1.2.3.4, 127.0.0.1")
    #expect(request.values("x-real-ip") == ["1.2.3.4"])
    #expect(request.values("x-forwarded-proto") == ["https"])
    #expect(request.values("x-forwarded-host") == ["a.example"])
    let forwarded = request.values("forwarded").joined(separator: ", ")
    #expect(forwarded.hasPrefix("for=1.2.3.4;proto=https;host=\"a.example\", for=127.0.0.1;by="), "\(forwarded)")
    #expect(!forwarded.contains("proto=http;") && forwarded.components(separatedBy: "host=").count == 2)
  }

  /// RFC 7239 alone, as some proxies send it.
  @Test func aTrustedProxyThatSaysForwardedAloneIsRead() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream, settings: ", trusted_proxies: [127.0.0.1]")
    let request = try await request(lab, upstream, "Forwarded: for=\"[2001:db8::7]:4711\";proto=https;host=a.example")
    #expect(request.values("x-forwarded-for") == ["2001:db8::7, 127.0.0.1"])
    #expect(request.values("x-real-ip") == ["2001:db8::7"])
    #expect(request.values("x-forwarded-proto") == ["https"])
    #expect(request.values("x-forwarded-host") == ["a.example"])
    #expect(
      request["forwarded"]?.hasPrefix(
        "for=\"[2001:db8::7]:4711\";proto=https;host=a.example, for=127.0.0.1;by=_pvescout-") == true)
  }

  /// Only from the proxy: such fields from the client are not trusted either.
  @Test(arguments: [true, false], ["", ", trusted_proxies: [127.0.0.1]"])
  func theUpstreamIsToldItsRouteWhereItIsToBe(isToBe: Bool, trust: String) async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream, settings: trust + ", upstream_headers: \(isToBe)")
    let request = try await request(lab, upstream, "X-Pvescout-Upstream-Name: mine\r\nX_Pvescout_Upstream_Port: 1")
    let told = ["name", "scheme", "host", "port"].map { request.values("x-pvescout-upstream-\($0)") }
    let underscored = request.values("x_pvescout_upstream_port")
    if isToBe {
      #expect(told == [["web"], ["http"], [upstream.host], ["\(upstream.port)"]] && underscored.isEmpty)
    } else if trust.isEmpty {
      #expect(told.allSatisfy(\.isEmpty) && underscored.isEmpty)
    } else {
      #expect(told == [["mine"], [], [], []])
    }
  }

  @Test func aProxyElsewhereIsNotTheTrustedOne() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream, settings: ", trusted_proxies: [127.0.0.2, 10.0.0.0/8]")
    let request = try await request(lab, upstream, Self.spoofed)
    #expect(request.values("x-forwarded-for") == ["127.0.0.1"])
  }

  @Test func whatIsOfOneConnectionGoesNoFurther() async throws {
    let upstream = try await EchoUpstream(
      answers: [
        "/": "HTTP/1.1 200 OK\r\nConnection: x-theirs, keep-alive\r\nX-Theirs: 1\r\nKeep-Alive: timeout=9\r\n"
          + "Proxy-Authenticate: x\r\nX-Stays: 1\r\nContent-Length: 0\r\n\r\n"
      ])
    let lab = try await ProxyLab.start(upstream)
    let connection = try await lab.connect()
    try await connection.send(
      "GET / HTTP/1.1\r\nHost: web\r\nConnection: x-mine, keep-alive, host\r\nX-Mine: 1\r\nKeep-Alive: 5\r\n"
        + "Proxy-Connection: keep-alive\r\nProxy-Authorization: x\r\nTE: gzip\r\nUpgrade: h2c\r\n"
        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\nX-Stays: 1\r\n\r\n")
    let answer = try #require(try await connection.response())
    let request = try #require(upstream.requests.first)
    for name in ["x-mine", "keep-alive", "proxy-connection", "proxy-authorization", "upgrade", "http2-settings", "te"] {
      #expect(request.values(name).filter { $0 != "trailers" }.isEmpty, "\(name)")
    }
    #expect(request.values("host") == ["web"] && request["x-stays"] == "1")
    for name in ["x-theirs", "keep-alive", "proxy-authenticate"] { #expect(answer.values(name).isEmpty, "\(name)") }
    #expect(answer["x-stays"] == "1")
  }

  @Test func allOtherFieldsPassAsTheyWereWrittenInTheirOrder() async throws {
    let upstream = try await EchoUpstream(
      answers: [
        "/": "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-a: \"\u{e9}\"\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n"
      ])
    let lab = try await ProxyLab.start(upstream)
    let answer = try await lab.get("web", "/", fields: "cookie: a", "X-lower-UPPER: v  w", "Cookie: b", "X-Empty:")
    #expect(
      answer.fields.prefix(3).map { "\($0.name)=\($0.value)" } == [
        "Set-Cookie=a=1", "X-a=\"\u{e9}\"", "set-cookie=b=2",
      ])
    let request = try #require(upstream.requests.first)
    let names = ["cookie", "X-lower-UPPER", "Cookie", "X-Empty"]
    #expect(request.fields.map(\.name).filter(names.contains) == names)
    #expect(request["x-lower-upper"] == "v  w" && request["x-empty"] == "")
  }

  /// A protocol that carries HTTP again would carry requests past all checks.
  @Test func noUpgradeToAnotherHTTPIsPassedOn() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream)
    let answer = try await lab.get(
      "web", "/", fields: "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA")
    #expect(answer.status == 200)
    #expect(upstream.requests[0].values("upgrade").isEmpty && upstream.requests[0].values("connection").isEmpty)
  }
}
