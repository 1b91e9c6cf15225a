import FoundationEssentials
import NIOCore
import NIOHPACK
import RouteModel
import TestSupport
import Testing
import WakeOnDemand

@testable import ReverseProxy

/// Clients of HTTP/2 that wait for a guest; the test is PVE.
@Suite(.timeLimit(.minutes(5))) struct WakingHTTP2Tests {
  private static func serving(
    _ guest: SleepingGuest, _ echo: EchoUpstream, configure: (inout ProxyConfiguration) -> Void = { _ in },
    _ body: (HTTP2Wire) async throws -> Void
  ) async throws {
    try await RunningProxy.serving(
      [try .waking(to: echo), try .http("plain", to: echo)], certificate: try TestCertificate(), configure: configure,
      gates: guest.gates
    ) { proxy in try await body(try await HTTP2Wire.connect(to: proxy)) }
  }

  /// The head of a POST whose body follows.
  private static func post(
    _ path: String, to host: String = "photos", _ client: HTTP2Wire, stream: UInt32
  ) async throws {
    let text = { (index: UInt8, value: String) in [index, UInt8(value.utf8.count)] + Array(value.utf8) }
    // :method POST, :scheme https, :path, :authority; END_HEADERS.
    try await client.send(.headers, flags: 4, stream: stream, [0x83, 0x87] + text(4, path) + text(1, host))
  }

  private static func statuses(_ client: HTTP2Wire, of count: Int) async throws -> [UInt32: String] {
    var (decoder, statuses, ended) = (HPACKDecoder(allocator: .init()), [UInt32: String](), Set<UInt32>())
    while ended.count < count, let frame = try await client.next() {
      if frame.type == .headers {
        var block = ByteBuffer(bytes: frame.payload)
        statuses[frame.stream] = try decoder.decodeHeaders(from: &block).first(name: ":status")
      }
      if frame.endsStream { ended.insert(frame.stream) }
    }
    return statuses
  }

  @Test func theStreamsOfOneConnectionWait() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, echo) { client in
      for number in 0..<20 as Range<UInt32> {
        try await client.get(host: "photos", path: "/\(number)", stream: number * 2 + 1)
      }
      try await guest.isWaitedFor(by: 20)
      try await guest.isWished()
      #expect(guest.asked.count == 1 && echo.requests.isEmpty)
      guest.show(GateStatus(.starting))
      guest.show(.up)
      let statuses = try await Self.statuses(client, of: 20)
      #expect(statuses.count == 20 && statuses.values.allSatisfy { $0 == "200" }, "\(statuses)")
      #expect(Set(echo.requests.map(\.path)).count == 20)
    }
  }

  @Test func aBodyThatCameMeanwhileArrivesOnce() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, echo) { client in
      try await Self.post("/upload", client, stream: 1)
      try await client.send(.data, stream: 1, Array("hel".utf8))
      try await guest.isWaitedFor(by: 1)
      guest.show(.up)
      try await client.send(.data, flags: 1, stream: 1, Array("lo".utf8))
      #expect(try await Self.statuses(client, of: 1) == [1: "200"])
      #expect(echo.requests.map(\.text) == ["hello"])
    }
  }

  /// The time between two bytes of a body begins when the body may come. A later request whose guest is up shows that
  /// it has passed.
  @Test func aBodyIsWaitedForWhenTheGuestIsUp() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    let configure = { (configuration: inout ProxyConfiguration) in configuration.timeouts.idle = .seconds(2) }
    try await Self.serving(guest, echo, configure: configure) { client in
      try await Self.post("/upload", client, stream: 1)
      try await guest.isWaitedFor(by: 1)
      try await Self.post("/upload", to: "plain", client, stream: 3)
      #expect(try await Self.statuses(client, of: 1) == [3: "408"])
      try await client.send(.data, flags: 1, stream: 1, Array("hello".utf8))
      guest.show(.up)
      #expect(try await Self.statuses(client, of: 1) == [1: "200"])
    }
  }

  @Test func aStreamThatIsResetWaitsNoLonger() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, echo) { client in
      try await client.get(host: "photos", path: "/given-up", stream: 1)
      try await client.get(host: "photos", path: "/kept", stream: 3)
      try await guest.isWaitedFor(by: 2)
      try await client.send(.reset, stream: 1, [0, 0, 0, 8])
      try await guest.isWaitedFor(by: 1)
      guest.show(.up)
      #expect(try await Self.statuses(client, of: 1) == [3: "200"])
      #expect(echo.requests.map(\.path) == ["/kept"])
    }
  }

  @Test func aFailureEndsEachStreamWithItsCause() async throws {
    let (guest, echo) = (SleepingGuest(), try await EchoUpstream())
    try await Self.serving(guest, echo) { client in
      try await client.get(host: "photos", path: "/", stream: 1)
      try await client.get(host: "photos", path: "/", stream: 3)
      try await guest.isWaitedFor(by: 2)
      guest.show(GateStatus(.failed, cause: "it is locked by PVE (backup)", until: Date().addingTimeInterval(30)))
      #expect(try await Self.statuses(client, of: 2) == [1: "503", 3: "503"])
    }
  }
}
