import Testing

@testable import HTTPTransport

@Suite struct ReceivedHeadTests {
  private func head(_ lines: String...) -> ReceivedHead {
    var head = ReceivedHead()
    for line in lines {
      let isTaken = head.append(Array((line + "\r\n").utf8))
      #expect(isTaken)
    }
    return head
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK", 200, "OK"), ("HTTP/1.0 401 No ticket", 401, "No ticket"), ("HTTP/1.1 204", 204, ""),
    ("HTTP/1.1 500 ", 500, ""), ("HTTP/2 200 ", 200, ""), ("HTTP/1.1 596 Broken pipe (é)", 596, "Broken pipe (é)"),
    ("HTTP/1.1 abc", 0, ""),
  ])
  func readsAStatusLine(line: String, status: Int, reason: String) {
    let head = head(line)
    #expect(head.status == status)
    #expect(head.reasonPhrase == reason)
    #expect(!head.isComplete)
  }

  @Test func keepsHeadersInOrderWithoutTheirBlanks() {
    let head = head("HTTP/1.1 200 OK", "A:1", "b: \t2 \t", "A:", "C: x: y", "no colon", ": no name", "")
    #expect(head.headers.map(\.name) == ["A", "b", "A", "C"])
    #expect(head.headers.map(\.value) == ["1", "2", "", "x: y"])
    #expect(head.isComplete)
  }

  @Test func startsAfreshAfterAnInterimResponse() {
    let interim = head("HTTP/1.1 103 Early Hints", "Link: x", "")
    #expect(!interim.isComplete)
    let final = head("HTTP/1.1 103 Early Hints", "Link: x", "", "HTTP/1.1 404 Gone", "A: 1", "", "Trailer: 2")
    #expect(final.isComplete)
    #expect(final.status == 404)
    #expect(final.headers.map(\.name) == ["A"])
  }

  @Test func hasABound() {
    var head = head("HTTP/1.1 200 OK")
    let line = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
    let isTaken = (1...3).map { _ in head.append(line) }
    #expect(isTaken == [true, true, false])
  }
}
