import NIOCore
import Testing

@testable import HTTPMessages

@Suite struct HeadWriterTests {
  private let allocator = ByteBufferAllocator()

  private func fields(_ text: String) throws -> HeadFields {
    try ResponseHead(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\(text)\r\n"), limits: MessageLimits()).fields
  }

  private func copy(_ text: String, without dropped: [String]) throws -> String {
    let fields = try fields(text)
    var writer = HeadWriter(allocator: allocator, capacity: 16)
    writer.copyLines(of: fields) { !dropped.contains(fields.name(of: $0)) }
    return String(buffer: writer.bytes)
  }

  @Test(arguments: [
    ([String](), "A: 1\r\nB: 2\r\nC: 3\r\n"), (["A"], "B: 2\r\nC: 3\r\n"), (["B"], "A: 1\r\nC: 3\r\n"),
    (["C"], "A: 1\r\nB: 2\r\n"), (["A", "C"], "B: 2\r\n"), (["A", "B", "C"], ""),
  ])
  func copiesExactlyTheLinesThatAreKept(dropped: [String], expected: String) throws {
    #expect(try copy("A: 1\r\nB: 2\r\nC: 3\r\n", without: dropped) == expected)
  }

  @Test func endsEachLineAsTheStandardAsks() throws {
    #expect(try copy("A: 1\nB: 2\r\nC: 3\nD:\n", without: []) == "A: 1\r\nB: 2\r\nC: 3\r\nD:\r\n")
    #expect(try copy("A: 1\nB: 2\r\nC: 3\nD:\n", without: ["B"]) == "A: 1\r\nC: 3\r\nD:\r\n")
  }

  @Test func writesAHead() throws {
    let head = try RequestHead(
      ByteBuffer(string: "GET /a HTTP/1.0\r\nHost: a\r\nX: y\r\n\r\n"), limits: MessageLimits())
    var writer = HeadWriter(allocator: allocator, capacity: 0)
    writer.copy(head.methodRange, of: head.fields)
    writer.write(" ")
    writer.copy(head.targetRange, of: head.fields)
    writer.write(" HTTP/1.1\r\n")
    writer.copyLines(of: head.fields) { _ in true }
    writer.write("Content-Length: ")
    writer.write(UInt64(12))
    writer.write("\r\n" as String)
    writer.end()
    #expect(
      String(buffer: writer.bytes) == "GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: 12\r\n\r\n")
  }

  @Test func framesChunks() {
    #expect(String(buffer: ChunkEncoding.prefix(length: 1, allocator: allocator)) == "1\r\n")
    #expect(String(buffer: ChunkEncoding.prefix(length: 65536, allocator: allocator)) == "10000\r\n")
    #expect(String(buffer: ChunkEncoding.suffix) == "\r\n")
    #expect(String(buffer: ChunkEncoding.end(trailers: nil, allocator: allocator)) == "0\r\n\r\n")
  }

  @Test func passesOnOnlyTrailersThatNeitherFrameNorRoute() throws {
    let barred = [
      "Host: b", "Content-Length: 5", "Transfer-Encoding: chunked", "Connection: close", "TE: x", "Trailer: x",
      "Authorization: Basic x", "Cookie: a=b", "cookie: c", "Set-Cookie: a=b", "Content_Length: 5",
      "Proxy_Authorization: x",
      "Content-Type: text/html", "Content_Encoding: gzip", "Cache-Control: no-store", "Range: bytes=0-1", "If-Match: x",
      "X-Forwarded-For: 1.2.3.4", "x_forwarded_for: 1.2.3.4", "Forwarded: for=x", "Expect: 100-continue", "Upgrade: x",
      "Keep-Alive: x",
    ]
    let text = "0\r\nSum: 1\r\n\(barred.joined(separator: "\r\n"))\r\nGrpc-Status: 0\r\n\r\n"
    var decoder = BodyDecoder(.chunked, limits: MessageLimits())
    var input = ByteBuffer(string: text)
    guard case .end(let trailers?) = try decoder.next(from: &input) else { return #expect(Bool(false), "no trailers") }
    let end = ChunkEncoding.end(trailers: trailers, allocator: allocator)
    #expect(String(buffer: end) == "0\r\nSum: 1\r\nGrpc-Status: 0\r\n\r\n")
  }
}
