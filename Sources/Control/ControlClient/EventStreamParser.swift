/// Parses Server-Sent Events from the bytes of a stream, in chunks of any size
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
package struct EventStreamParser: Sendable {
  /// The last `id` received, also from events without data.
  package private(set) var lastID: UInt64?
  /// The delay before a new connection that the server requested.
  package private(set) var retry: Duration?

  private var line: [UInt8] = []
  private var endedWithCarriageReturn = false
  private var event = ""
  private var data: [String] = []

  package init(resumingAfter id: UInt64? = nil) { lastID = id }

  /// Parses the next bytes and returns the events that they complete.
  package mutating func feed(_ bytes: some Sequence<UInt8>) -> [ServerEvent] {
    var events: [ServerEvent] = []
    for byte in bytes {
      defer { endedWithCarriageReturn = byte == UInt8(ascii: "\r") }
      switch byte {
      case UInt8(ascii: "\n") where endedWithCarriageReturn: continue
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if let event = endLine() { events.append(event) }
      default: line.append(byte)
      }
    }
    return events
  }

  private mutating func endLine() -> ServerEvent? {
    defer { line.removeAll(keepingCapacity: true) }
    if line.isEmpty { return dispatch() }
    let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    var value = parts.count == 2 ? parts[1] : []
    if value.first == UInt8(ascii: " ") { value.removeFirst() }
    apply(field: String(decoding: parts[0], as: UTF8.self), String(decoding: value, as: UTF8.self))
    return nil
  }

  private mutating func apply(field: String, _ value: String) {
    switch field {
    case "id": lastID = UInt64(value) ?? lastID
    case "event": event = value
    case "data": data.append(value)
    case "retry": retry = Int64(value).map { .milliseconds(min(max(0, $0), 60_000)) } ?? retry
    default: break  // A comment, or a field of a later version.
    }
  }

  private mutating func dispatch() -> ServerEvent? {
    defer { (event, data) = ("", []) }
    guard !data.isEmpty else { return nil }
    return ServerEvent(
      id: lastID, event: event.isEmpty ? "message" : event, data: data.joined(separator: "\n"))
  }
}
