import ProxyTraffic
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

@Suite(.timeLimit(.minutes(5))) struct TunnelTests {
  /// A console may stay open for days.
  @Test func itsBytesAreCountedWhileItIsOpenAndOnce() async throws {
    let upstream = try await RawServer { connection in
      guard try await connection.head() != nil else { return }
      try await connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
      while let bytes = try await connection.take(5) { try await connection.send(bytes + bytes) }
    }
    let route = try RegisteredRoute.http("web", to: upstream)
    try await RunningProxy.serving([route]) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
      #expect(try await connection.response()?.status == 101)
      for round in 1...2 {
        try await connection.send("hello")
        #expect(try await connection.take(10) != nil)
        try await eventually("round \(round) is counted") {
          let totals = proxy.totals(route)
          return totals.received == round * 5 && totals.sent == round * 10 ? () : nil
        }
      }
      #expect(proxy.totals(route).inFlight == 1)
      connection.close()
      try await eventually("it ends") { proxy.totals(route).inFlight == 0 ? () : nil }
      #expect(proxy.totals(route).received == 10 && proxy.totals(route).sent == 20)
    }
  }
}
