import PrintableText

// The combined format of Apache and nginx with fields of our own at the end, which readers of that format ignore:
//
//   CLIENT - - [22/Nov/2026:17:00:07 +0000] "GET / HTTP/1.1" 200 612 "REFERER" "AGENT" route="plex"
//   upstream="http://10.0.0.50:32400" guest="home/105 plex" upstream_us=950 total_us=1210        (all on one line)
//
// An absent value is `-`, also in the additional fields.
extension AccessLine {
  static func combined(_ record: AccessRecord) -> AccessLine {
    var line = AccessLine(capacity: 256 + record.textSize)
    line.addEscaped(record.client)
    line.add(" - - [")
    let time = UTCTime(record.time)
    line.add(calendarDayOf: time)
    line.add(":")
    line.add(clockOf: time)
    line.add(" +0000] \"")
    line.addRequestLine(record)
    line.add("\" ")
    line.add(record.status, digits: 3)
    line.add(" ")
    line.add(record.sent)
    line.addQuoted(" \"", record.referer)
    line.addQuoted(" \"", record.userAgent)
    line.addTail(record)
    return line
  }

  /// `-` if no request line was read.
  private mutating func addRequestLine(_ record: AccessRecord) {
    guard record.target != AccessRecord.unknown else { return add("-") }
    addEscaped(record.method)
    add(" ")
    addEscaped(record.target)
    add(" ")
    addEscaped(record.version)
  }

  private mutating func addTail(_ record: AccessRecord) {
    addQuoted(" route=\"", record.route)
    addQuoted(" upstream=\"", record.upstream)
    addQuoted(" guest=\"", record.guest)
    add(" upstream_us=")
    if let duration = record.upstreamDuration { add(duration) } else { add("-") }
    add(" total_us=")
    add(record.duration)
    add("\n")
  }

  private mutating func addQuoted(_ opening: StaticString, _ text: String?) {
    add(opening)
    addEscaped(text ?? "")
    add("\"")
  }

  /// As nginx does: `\xHH` for quotes, backslashes, control characters and non-ASCII bytes; `-` for an empty text.
  private mutating func addEscaped(_ text: String) {
    guard !text.isEmpty else { return add("-") }
    add(text, isPlain: { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      $0 += [UInt8(ascii: "\\"), UInt8(ascii: "x"), Self.hexDigits[Int($1 >> 4)], Self.hexDigits[Int($1 & 15)]]
    }
  }

  /// A comment line, which readers of the combined format ignore.
  static func combined(dropped: Int) -> AccessLine {
    var line = AccessLine(capacity: 80)
    line.add("# ")
    line.add(dropped)
    line.add(" requests are missing here: the log could not be written as fast\n")
    return line
  }
}

extension AccessRecord {
  /// Of all texts together, in bytes.
  var textSize: Int {
    let always = client.utf8.count + method.utf8.count + target.utf8.count + version.utf8.count
    let ofRequest = Self.size(host) + Self.size(referer) + Self.size(userAgent)
    // The upstream's scheme, host and port are part of its URL too, and some of its fields contain them twice.
    let ofRoute = Self.size(route) + Self.size(provider) + 4 * Self.size(upstream) + Self.size(guest)
    return always + ofRequest + ofRoute
  }

  private static func size(_ text: String?) -> Int { text?.utf8.count ?? 0 }
}
