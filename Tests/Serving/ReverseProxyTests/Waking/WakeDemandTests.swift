import Foundation
import HTTPMessages
import NIOCore
import RouteModel
import TestSupport
import Testing

@testable import ReverseProxy

@Suite struct WakeDemandTests {
  private static let browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"

  private static func demand(
    _ line: String, _ fields: [String] = [], isUpgrade: Bool = false, change: (inout WakePolicy) -> Void = { _ in }
  ) throws -> WakeDemand {
    var policy = WakePolicy()
    policy.start = .onRequest
    change(&policy)
    let text = (["\(line) HTTP/1.1", "Host: photos"] + fields + ["", ""]).joined(separator: "\r\n")
    let head = try RequestHead(ByteBuffer(string: text), limits: MessageLimits())
    return WakeDemand(head, policy: policy, isUpgrade: isUpgrade)
  }

  @Test func aBrowserThatOpensAPageSeesHowItWakes() throws {
    #expect(try Self.demand("GET /albums?x=1", [Self.browser]) == .page)
    #expect(try Self.demand("GET /", [Self.browser, "Sec-Fetch-Mode: navigate"]) == .page)
    #expect(try Self.demand("GET /", [Self.browser]) { $0.showsPage = false } == .wait)
  }

  /// API clients, apps, git and scripts of a page that was cached.
  @Test(arguments: [
    ("GET /", []), ("GET /", ["Accept: */*"]), ("GET /", ["Accept: application/json"]),
    ("POST /login", [browser]), ("PUT /", [browser]), ("GET /", [browser, "Sec-Fetch-Mode: cors"]),
    ("GET /", [browser, "Range: bytes=0-1"]), ("GET /", [browser, "X-Requested-With: XMLHttpRequest"]),
    ("GET /info/refs?service=git-upload-pack", ["Accept: */*", "User-Agent: git/2.39"]),
  ])
  func everyOtherProgramWaits(line: String, fields: [String]) throws {
    #expect(try Self.demand(line, fields) == .wait)
  }

  @Test func webSocketsWait() throws {
    #expect(try Self.demand("GET /", [Self.browser], isUpgrade: true) == .wait)
  }

  @Test(arguments: [
    ("HEAD /", [browser]), ("OPTIONS /", []), ("GET /favicon.ico", [browser]), ("GET /robots.txt?x", []),
    ("GET /.well-known/security.txt", []), ("GET /", [browser, "Sec-Purpose: prefetch;prerender"]),
    ("GET /worker.js", ["Service-Worker: script", "Sec-Fetch-Dest: serviceworker"]),
    ("GET /", ["User-Agent: Uptime-Kuma/1.23"]), ("GET /metrics", ["User-Agent: Prometheus/3.0"]),
    ("POST /", ["User-Agent: gatus/1.0"]), ("GET /", ["User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1)"]),
  ])
  func looksDoNotWake(line: String, fields: [String]) throws {
    let demand = try Self.demand(line, fields)
    #expect(!demand.isUse && demand != .events, "\(demand)")
  }

  @Test func theManualListsTheMonitoringPrograms() throws {
    let path = "\(Checkout.root)/Sources/Program/Commands/Documentation.docc/Control.md"
    let article = try String(contentsOfFile: path, encoding: .utf8)
    let list = try #require(article.firstRange(of: "by what their `User-Agent` contains: "))
    let end = try #require(article[list.upperBound...].firstRange(of: "\n\n"))
    let named = article[list.upperBound..<end.lowerBound].matches(of: /`([^`]+)`/).map { String($0.output.1) }
    #expect(named == MonitoringAgents.names.map { "\($0)" })
  }

  @Test func onlyTheStartEndpointWakes() throws {
    let change = { (policy: inout WakePolicy) in policy.startEndpoint = "/.well-known/wake" }
    #expect(try Self.demand("GET /.well-known/wake?now", change: change) == .wait)
    #expect(
      try Self.demand("GET /", [Self.browser], change: change) == .use("only /.well-known/wake does (start_endpoint)"))
  }

  @Test func thePageFollowsItsEvents() throws {
    #expect(try Self.demand("GET /.well-known/pvescout/wake") == .events)
  }
}
