import NIOHPACK
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// Bodies over HTTP/2 that wait, because the other side does not take them.
@Suite(.timeLimit(.minutes(5))) struct WaitingBodyTests {
  /// POST with END_HEADERS, and a body that does not end.
  private func post(_ bytes: Int, host: String, stream: UInt32, _ wire: HTTP2Wire) async throws {
    let authority = [1, UInt8(host.utf8.count)] + Array(host.utf8)
    try await wire.send(.headers, flags: 4, stream: stream, [0x83, 0x87, 0x84] + authority)
    for _ in 0..<(bytes / 16_384) {
      try await wire.send(.data, stream: stream, [UInt8](repeating: 0, count: 16_384))
    }
  }

  @Test func aRequestForWhichThereIsNoRoomIsRefused() async throws {
    // It accepts a connection, and answers nothing: the next request waits for it to end.
    let upstream = try await RawServer { _ = try await $0.takeAll() }
    let busy = try RegisteredRoute.http("busy", to: .network(scheme: .http, host: upstream.host, port: upstream.port)) {
      $0.connectionLimit = 1
    }
    try await RunningProxy.serving([busy], certificate: TestCertificate(), maxWaitingBytes: 100_000) { proxy in
      let wire = try await HTTP2Wire.connect(to: proxy)
      try await wire.get(host: "busy", path: "/", stream: 1)
      try await post(5 * 16_384, host: "busy", stream: 3, wire)
      try await post(5 * 16_384, host: "busy", stream: 5, wire)
      let refused = try await wire.firstHead()
      #expect(refused?.first(name: ":status") == "503")
      let body = try await wire.take { $0.type == .data }
      #expect(body?.stream == 5)
      // The room of a request that was cancelled is free again.
      try await wire.send(.reset, stream: 3, [0, 0, 0, 8])
      try await post(5 * 16_384, host: "busy", stream: 7, wire)
      try await wire.send(.ping, stream: 0, [UInt8](repeating: 1, count: 8))
      let next = try await wire.take { $0.type == .ping || $0.stream == 7 }
      #expect(next?.type == .ping, "all that came before it was accepted")
    }
  }
}
