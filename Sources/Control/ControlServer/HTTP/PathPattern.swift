import PrintableText

/// A path with at most one `{name}` in it, or several side by side, which take one segment or more each.
///
/// Route keys hold slashes (`excluded:file:routes.d/media:plex`): percent-encoded they are one segment, and typed as they
/// are they are still understood.
struct PathPattern: Sendable {
  let text: String
  private let head: [Substring]
  private let tail: [Substring]
  /// How many segments are taken at least.
  private let captures: Int

  init(_ text: String) {
    self.text = text
    let segments = text.split(separator: "/")
    let capture = segments.firstIndex { $0.hasPrefix("{") }
    head = Array(segments[..<(capture ?? segments.endIndex)])
    captures = segments[head.count...].prefix { $0.hasPrefix("{") }.count
    tail = Array(segments[(head.count + captures)...])
  }

  /// What the captures took (empty where there is none), with slashes between; nil where the path is another one.
  func match(_ segments: [String]) -> String? {
    let fixed = head.count + tail.count
    guard captures > 0 ? segments.count >= fixed + captures : segments.count == fixed,
      segments.prefix(head.count).elementsEqual(head, by: ==),
      segments.suffix(tail.count).elementsEqual(tail, by: ==)
    else { return nil }
    return segments[head.count..<(segments.count - tail.count)].joined(separator: "/")
  }

  /// The decoded segments of a request's path; nil where its percent-encoding is broken.
  static func segments(of path: String) -> [String]? {
    var segments: [String] = []
    for segment in path.split(separator: "/") {
      guard let decoded = PercentCoding.decode(segment) else { return nil }
      segments.append(decoded)
    }
    return segments
  }
}
