import NIOHPACK
import NIOHTTP2
import ProxyTraffic
import Synchronization
import TestSupport
import Testing

/// Many exchanges at once, with an upstream and clients that abort all the time.
@Suite(.timeLimit(.minutes(5))) struct H2CStressTests {
  /// How an exchange ends, by its number.
  private enum Kind: Int, CaseIterable {
    case plain, echo, trailers, refused, cut, clientGoes

    init(_ number: Int) { self = Kind(rawValue: number % Self.allCases.count) ?? .plain }
  }

  private static let body = [UInt8](repeating: 0x61, count: 300_000)

  private static func upstream() async throws -> H2CUpstream {
    let refused = Mutex<Set<Int>>([])
    return try await H2CUpstream(streams: 8) { stream in
      let number = Int(try await stream.path.dropFirst()) ?? 0
      switch Kind(number) {
      case .plain: try await stream.answer("\(number)")
      case .echo:
        let body = try await stream.body()
        try await stream.respond()
        try await stream.send(body, isEnd: true)
      case .trailers:
        try await stream.respond()
        try await stream.send("\(number)")
        try await stream.end(["x-number": "\(number)"])
      case .refused:
        if refused.withLock({ $0.insert(number).inserted }) { return try await stream.reset(.refusedStream) }
        try await stream.answer("\(number)")
      case .cut:
        try await stream.respond()
        try await stream.send("part")
        try await stream.reset(.internalError)
      case .clientGoes:
        try await stream.respond()
        try await stream.send(Self.body)
        _ = try await stream.reset()
      }
    }
  }

  /// Whether the exchange ended as expected for its kind.
  private static func exchange(_ number: Int, _ lab: H2CLab) async throws -> Bool {
    let client = try await lab.connect()
    let (kind, host) = (Kind(number), "Host: web.test\r\n")
    if kind == .echo {
      try await client.send("POST /\(number) HTTP/1.1\r\n\(host)Content-Length: \(body.count)\r\n\r\n")
      try await client.send(body)
      return try await client.response()?.body == body
    }
    try await client.send("GET /\(number) HTTP/1.1\r\n\(host)\r\n")
    if kind == .clientGoes {
      let head = try await client.head()
      try await client.reset()
      return head?.status == 200
    }
    let answer = try #require(try await client.response())
    switch kind {
    case .cut: return !answer.isComplete
    case .trailers: return answer.text == "\(number)" && answer.trailers.first?.value == "\(number)"
    default: return answer.text == "\(number)" && answer.isComplete
    }
  }

  @Test func everyExchangeEndsAsExpected() async throws {
    let lab = try await H2CLab(try await Self.upstream())
    #expect(try await Self.failures(of: 400) { try await Self.exchange($0, lab) } == [])
    try await expectNothingInFlight(in: lab)
  }

  /// Downloads only: after its own GOAWAY, an NIOHTTP2 server no longer extends the windows of its client.
  @Test func connectionsThatTheUpstreamEndsLoseNoExchange() async throws {
    let upstream = try await H2CUpstream(streams: 8) { stream in
      let number = Int(try await stream.path.dropFirst()) ?? 0
      if number % 20 == 10 { try await stream.goAwayBehindAll() }
      try await stream.answer("\(number)")
    }
    let lab = try await H2CLab(upstream)
    let failures = try await Self.failures(of: 400) { number in
      let answer = try await lab.get("/\(number)")
      return answer.text == "\(number)" && answer.isComplete
    }
    #expect(failures == [])
    #expect(upstream.connections > 10)
    try await expectNothingInFlight(in: lab)
  }

  /// The numbers below `count` of the exchanges that failed, with 25 of them at once.
  private static func failures(
    of count: Int, _ exchange: @escaping @Sendable (Int) async throws -> Bool
  ) async throws -> [Int] {
    let clients = 25
    return try await withThrowingTaskGroup(of: [Int].self) { group in
      for client in 0..<clients {
        group.addTask {
          var failed: [Int] = []
          for number in stride(from: client, to: count, by: clients) where try await !exchange(number) {
            failed.append(number)
          }
          return failed
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private func expectNothingInFlight(in lab: H2CLab) async throws {
    try await eventually("nothing is in flight") {
      lab.traffic.traffic(for: lab.route).totals.inFlight == 0 ? true : nil
    }
  }
}
