import TestSupport
import Testing

/// HTTP/2 upstreams that are slow to read, and clients that send large heads and cancel them at once.
@Suite(.timeLimit(.minutes(5))) struct H2CUnreadTests {
  private static func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), kind, flags, 0, 0, 0, stream] + payload
  }

  private static let settings = frame(4, 0, 0, [])

  /// Requests with 28 KB of fields, of which all but the first one take a few bytes on the wire. Each is reset at once.
  private static func cancelled(_ count: Int) -> [UInt8] {
    let request = [0x82, 0x86, 0x84, 0x01, 3] + Array("web".utf8)
    // Added to the dynamic table, and then referred to (RFC 7541 §6.1, §6.2.1): 3950 bytes, as a number of 7 bits.
    let field = [0x40, 3] + Array("x-a".utf8) + [0x7f, 0xef, 0x1d] + [UInt8](repeating: 0x61, count: 3950)
    var bytes: [UInt8] = []
    for number in 0..<count {
      let fields = (number == 0 ? field : [0xbe]) + [UInt8](repeating: 0xbe, count: 6)
      for var sent in [frame(1, 5, 0, request + fields), frame(3, 0, 0, [0, 0, 0, 8])] {
        let stream = 2 * number + 1
        (sent[7], sent[8]) = (UInt8(stream >> 8), UInt8(stream & 0xff))
        bytes += sent
      }
    }
    return bytes
  }

  /// Sends 11 MB, which is more than the kernel holds for a connection. Returns once the proxy has received all of it.
  private static func sendCancelled(to lab: H2CLab) async throws {
    let wire = HTTP2Wire(try await lab.connect())
    try await wire.connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    try await wire.send(.settings, stream: 0, [])
    try await wire.connection.send(cancelled(400))
    try await wire.send(.ping, stream: 0, [UInt8](repeating: 1, count: 8))
    #expect(try await wire.take { $0.type == .ping || $0.type == .goAway }?.type == .ping)
  }

  /// Lets the proxy send a request, and reads it.
  private static func begin(_ connection: RawConnection) async throws {
    try await connection.send(settings)
    try await eventually("the request comes") {
      connection.read()
      return connection.waiting > 150 ? () : nil
    }
  }

  @Test func cancelledRequestsEndNoOtherStream() async throws {
    let (areCancelled, hasPart) = (Gate(), Gate())
    let server = try await RawServer(reading: false) { connection in
      try await Self.begin(connection)
      try await connection.send(Self.frame(1, 4, 1, [0x88]))
      try await areCancelled.wait()
      try await connection.send(Self.frame(0, 0, 1, Array("part,".utf8)))
      try await hasPart.wait()
      try await connection.send(Self.frame(0, 1, 1, Array("whole".utf8)))
      try await connection.startReading()
      _ = try await connection.takeAll()
    }
    let lab = try await H2CLab(server)
    let client = try await lab.connect()
    try await client.send("GET / HTTP/1.1\r\nHost: web.test\r\n\r\n")
    #expect(try await client.head()?.status == 200)
    try await Self.sendCancelled(to: lab)
    areCancelled.open()
    _ = try await client.take(through: "part,\r\n")
    hasPart.open()
    #expect(try await client.take(through: "whole\r\n0\r\n\r\n") != nil)
    #expect(server.connections == 1)
  }

  @Test func aRequestDoesNotWaitForEverUntilTheUpstreamReads() async throws {
    let hasBegun = Gate()
    let server = try await RawServer(reading: false) { connection in
      try await Self.begin(connection)
      hasBegun.open()
      try await Gate().wait()
    }
    let lab = try await H2CLab(server)
    let first = try await lab.connect()
    try await first.send("GET / HTTP/1.1\r\nHost: web.test\r\n\r\n")
    try await hasBegun.wait()
    try await Self.sendCancelled(to: lab)
    let answer = try await lab.get(of: "hasty")
    #expect(answer.status == 504 && answer.text.contains("upstream_timeout"), "\(answer)")
    #expect(server.connections == 1)
    #expect(try await lab.get(of: "hasty").status == 504)
    #expect(server.connections == 2, "the next one does not wait for the same connection")
  }
}
