/// The format of a failure response, chosen by the Accept field of the request (RFC 9110 §12.5.1).
enum FailureFormat: CaseIterable, Sendable {
  // In order of preference at equal quality: programs that accept anything get JSON.
  case json, html, text

  /// - Parameter accept: all Accept fields, joined; nil if there is none, which accepts anything.
  init(accept: String?) {
    guard let accept else {
      self = .json
      return
    }
    let ranges = accept.split(separator: ",").compactMap(MediaRange.init)
    let candidates = Self.allCases.map { format in (format: format, quality: format.quality(among: ranges)) }
    let best = candidates.reduce(0) { max($0, $1.quality) }
    // An answer in another format is better than an empty 406.
    self = best > 0 ? candidates.first { $0.quality == best }?.format ?? .text : .text
  }

  private var mediaType: (type: Substring, subtype: Substring) {
    switch self {
    case .json: ("application", "json")
    case .html: ("text", "html")
    case .text: ("text", "plain")
    }
  }

  var contentType: String {
    switch self {
    case .json: "application/json"
    case .html: "text/html; charset=utf-8"
    case .text: "text/plain; charset=utf-8"
    }
  }

  /// In thousandths, from the most specific matching range.
  private func quality(among ranges: [MediaRange]) -> Int {
    let (type, subtype) = mediaType
    let fitting = ranges.filter { $0.fits(type, subtype) }
    return fitting.max { $0.specificity < $1.specificity }?.quality ?? 0
  }
}

/// One element of Accept: `text/html`, `text/*;q=0.5`, `*/*`.
private struct MediaRange {
  let type: Substring
  let subtype: Substring
  /// In thousandths.
  let quality: Int

  /// Nil for an invalid range. Parameters other than `q` are ignored: there is one variant of each type.
  init?(_ text: Substring) {
    var parameters = text.split(separator: ";", omittingEmptySubsequences: false)[...]
    let names = (parameters.popFirst() ?? "").lowercased().filter { $0 != " " && $0 != "\t" }.split(separator: "/")
    guard names.count == 2, names[0] != "*" || names[1] == "*" else { return nil }
    (type, subtype) = (names[0], names[1])
    var quality = 1000
    for parameter in parameters {
      let parts = parameter.filter { $0 != " " && $0 != "\t" }.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == "q" || parts[0] == "Q" else { continue }
      guard let value = Self.thousandths(parts[1]) else { return nil }
      quality = value
      break
    }
    self.quality = quality
  }

  var specificity: Int { type == "*" ? 0 : subtype == "*" ? 1 : 2 }

  func fits(_ type: Substring, _ subtype: Substring) -> Bool {
    (self.type == type || self.type == "*") && (self.subtype == subtype || self.subtype == "*")
  }

  /// `0`, `1`, `0.5`, with at most three places (RFC 9110 §12.4.2).
  private static func thousandths(_ text: Substring) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = Int(parts[0]), (0...1).contains(whole), parts[0].count == 1 else {
      return nil
    }
    let places = parts.count == 2 ? parts[1] : ""
    guard places.count <= 3, places.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
    let value = whole * 1000 + (Int(places + String(repeating: "0", count: 3 - places.count)) ?? 0)
    return value <= 1000 ? value : nil
  }
}
