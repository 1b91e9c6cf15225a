import ProxyTraffic
import RouteModel
import RouteRegistry
import Synchronization
import TestSupport
import Testing

@testable import ReverseProxy

/// Many clients on several event loops, while routes change, are added and removed, and the configuration is replaced.
@Suite(.timeLimit(.minutes(5))) struct ConcurrencyTests {
  private static func upstream(_ name: String) async throws -> RawServer {
    try await RawServer { connection in
      while try await connection.request() != nil {
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(name.utf8.count)\r\n\r\n\(name)")
      }
    }
  }

  @Test func eachRequestIsServedByItsRoute() async throws {
    let names = ["one", "two"]
    var upstreams: [String: [RawServer]] = [:]
    for name in names { upstreams[name] = [try await Self.upstream(name), try await Self.upstream(name)] }
    let servers = upstreams
    let folder = try TemporaryDirectory()
    let configure: (inout ProxyConfiguration) -> Void = {
      $0.accessLog = AccessLogConfiguration(path: folder.file("access.log"))
    }
    let routes = try servers.map { try RegisteredRoute.http($0.key, to: $0.value[0]) }
    try await RunningProxy.serving(routes, configure: configure) { proxy in
      try await withThrowingTaskGroup { tasks in
        for client in 0..<6 {
          tasks.addTask {
            let connection = try await proxy.connect()
            for turn in 0..<60 {
              let name = names[(client + turn) % 2]
              try await connection.send("GET / HTTP/1.1\r\nHost: \(name)\r\n\r\n")
              #expect(try await connection.response()?.text == name)
            }
          }
        }
        let areDone = Atomic(false)
        async let changes: Void = Self.change(proxy, servers, until: areDone)
        try await tasks.waitForAll()
        areDone.store(true, ordering: .relaxed)
        try await changes
      }
      let served = try servers.map { try proxy.totals(.http($0.key, to: $0.value[0])).requests[2] }
      #expect(served.reduce(0, +) == 360)
    }
  }

  private static func change(
    _ proxy: RunningProxy, _ servers: [String: [RawServer]], until areDone: borrowing Atomic<Bool>
  ) async throws {
    var configuration = ProxyConfiguration()
    configuration.http = .init(host: "127.0.0.1", port: 0)
    configuration.timeouts.drain = .zero
    let guest = try RegisteredRoute.http("guest", to: nil)
    var turn = 0
    while !areDone.load(ordering: .relaxed) {
      turn += 1
      let routes = try servers.map { try RegisteredRoute.http($0.key, to: $0.value[turn % 2]) }
      let isThere = turn % 2 == 0
      proxy.registry.apply(adding: routes + (isThere ? [guest] : []), removing: isThere ? [] : [guest.id])
      if turn % 10 == 0 { proxy.proxy.replace(configuration) }
      _ = proxy.traffic.totals(of: proxy.registry.snapshot)
      await Task.yield()
    }
  }
}
