/// The static table of HPACK (RFC 7541 appendix A), as finished lines of a head.
struct HPACKStaticTable: Sendable {
  struct Entry: BitwiseCopyable, Sendable {
    var start: Int32
    var length: Int32
    var nameLength: Int32
    var nameKind: FieldKind
    var kind: FieldKind

    var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
    var nameRange: Range<Int> { Int(start)..<Int(start) + Int(nameLength) }
  }

  static let shared = HPACKStaticTable()
  static let count = 61

  let lines: [UInt8]
  /// The first entry has index 1.
  let entries: [Entry]
  /// The first index of each name, by ``hash(length:last:middle:)``.
  private let names: [UInt8]

  private init() {
    var (lines, entries, names) = ([UInt8](), [Entry](), [UInt8](repeating: 0, count: 256))
    for (index, text) in Self.fields.enumerated() {
      let colon = text.utf8.dropFirst().firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
      let name = Array(text[..<colon].utf8)
      let value = Array(text[colon...].utf8.dropFirst(2))
      let nameKind = FieldKind.of(name: name.span)
      entries.append(
        Entry(
          start: Int32(lines.count), length: Int32(name.count + 2 + value.count + 2), nameLength: Int32(name.count),
          nameKind: nameKind, kind: nameKind.with(value: value.span)))
      lines += name + Array(": ".utf8) + value + Array("\r\n".utf8)
      var slot = Self.hash(name.span)
      while names[slot] != 0, !text.hasPrefix(Self.name(Int(names[slot]))) { slot = (slot + 1) & 255 }
      if names[slot] == 0 { names[slot] = UInt8(index + 1) }
    }
    (self.lines, self.entries, self.names) = (lines, entries, names)
  }

  private static func name(_ index: Int) -> String {
    let text = fields[index - 1]
    return String(text[..<(text.dropFirst().firstIndex(of: ":") ?? text.endIndex)]) + ":"
  }

  /// The first index with that name, which may have capitals; 0 if there is none.
  func index(ofName name: Span<UInt8>) -> Int {
    guard !name.isEmpty else { return 0 }
    var slot = Self.hash(name)
    while names[slot] != 0 {
      let index = Int(names[slot])
      if lines.span.extracting(entries[index - 1].nameRange).isSameName(as: name) { return index }
      slot = (slot + 1) & 255
    }
    return 0
  }

  private static func hash(_ name: Span<UInt8>) -> Int {
    let (middle, last) = (name[name.count / 2].lowercased, name[name.count - 1].lowercased)
    return (name.count &* 37 &+ Int(middle) &* 5 &+ Int(last) &* 11) & 255
  }

  private static let fields = [
    ":authority: ", ":method: GET", ":method: POST", ":path: /", ":path: /index.html", ":scheme: http",
    ":scheme: https", ":status: 200", ":status: 204", ":status: 206", ":status: 304", ":status: 400", ":status: 404",
    ":status: 500", "accept-charset: ", "accept-encoding: gzip, deflate", "accept-language: ", "accept-ranges: ",
    "accept: ", "access-control-allow-origin: ", "age: ", "allow: ", "authorization: ", "cache-control: ",
    "content-disposition: ", "content-encoding: ", "content-language: ", "content-length: ", "content-location: ",
    "content-range: ", "content-type: ", "cookie: ", "date: ", "etag: ", "expect: ", "expires: ", "from: ", "host: ",
    "if-match: ", "if-modified-since: ", "if-none-match: ", "if-range: ", "if-unmodified-since: ", "last-modified: ",
    "link: ", "location: ", "max-forwards: ", "proxy-authenticate: ", "proxy-authorization: ", "range: ", "referer: ",
    "refresh: ", "retry-after: ", "server: ", "set-cookie: ", "strict-transport-security: ", "transfer-encoding: ",
    "user-agent: ", "vary: ", "via: ", "www-authenticate: ",
  ]
}
