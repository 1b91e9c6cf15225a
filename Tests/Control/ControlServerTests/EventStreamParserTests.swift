import ControlClient
import Testing

@Suite struct EventStreamParserTests {
  private static let stream =
    "\u{feff}".dropFirst() + "retry: 250\nid: 9\n\n: hello\nid: 10\nevent: reload\ndata: {\"a\":1}\n\n"
    + "data: one\ndata:two\r\n\r\nid: 12\revent: x\rdata\r\r"

  private static let expected = [
    ServerEvent(id: 10, event: "reload", data: "{\"a\":1}"),
    ServerEvent(id: 10, event: "message", data: "one\ntwo"),
    ServerEvent(id: 12, event: "x", data: ""),
  ]

  @Test(arguments: [1, 2, 3, 7, 1000])
  func readsEventsHoweverTheyAreCut(_ size: Int) {
    var parser = EventStreamParser()
    var events: [ServerEvent] = []
    let bytes = Array(Self.stream.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      events += parser.feed(bytes[start..<min(start + size, bytes.count)])
    }
    #expect(events == Self.expected)
    #expect(parser.retry == .milliseconds(250))
    #expect(parser.lastID == 12)
  }

  @Test func remembersAnIdWithoutData() {
    var parser = EventStreamParser()
    #expect(parser.feed("id: 77\n\n".utf8).isEmpty)
    #expect(parser.lastID == 77)
  }

  @Test func holdsBackWhatIsNotComplete() {
    var parser = EventStreamParser()
    #expect(parser.feed("data: x\n".utf8).isEmpty)
    #expect(parser.feed("\n".utf8).map(\.data) == ["x"])
  }
}
