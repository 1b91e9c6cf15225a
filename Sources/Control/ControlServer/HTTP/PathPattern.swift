import PrintableText

/// A path with at most one `{name}` in it, or several side by side, each of which takes one segment or more.
///
/// Route keys contain slashes (`excluded:file:routes.d/media:plex`). Percent-encoded, a key is one segment; unencoded,
/// it is accepted too.
struct PathPattern: Sendable {
  let text: String
  private let head: [Substring]
  private let tail: [Substring]
  /// The least number of segments that the captures take.
  private let captures: Int

  init(_ text: String) {
    self.text = text
    let segments = text.split(separator: "/")
    let capture = segments.firstIndex { $0.hasPrefix("{") }
    head = Array(segments[..<(capture ?? segments.endIndex)])
    captures = segments[head.count...].prefix { $0.hasPrefix("{") }.count
    tail = Array(segments[(head.count + captures)...])
  }

  /// The captured segments, joined by slashes (empty without a capture); nil if the path does not match.
  func match(_ segments: [String]) -> String? {
    let fixed = head.count + tail.count
    guard captures > 0 ? segments.count >= fixed + captures : segments.count == fixed,
      segments.prefix(head.count).elementsEqual(head, by: ==),
      segments.suffix(tail.count).elementsEqual(tail, by: ==)
    else { return nil }
    return segments[head.count..<(segments.count - tail.count)].joined(separator: "/")
  }

  /// The decoded segments of a request's path; nil if its percent-encoding is invalid.
  static func segments(of path: String) -> [String]? {
    var segments: [String] = []
    for segment in path.split(separator: "/") {
      guard let decoded = PercentCoding.decode(segment) else { return nil }
      segments.append(decoded)
    }
    return segments
  }
}
