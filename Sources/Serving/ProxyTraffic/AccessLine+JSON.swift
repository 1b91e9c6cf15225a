import PrintableText

// One object per line (RFC 8259); an absent value is null.
extension AccessLine {
  static func json(_ record: AccessRecord) -> AccessLine {
    var line = AccessLine(capacity: 512 + record.textSize)
    line.add("{\"time\":\"")
    line.addTime(UTCTime(record.time))
    line.add("\"")
    line.addRequest(record)
    line.addRoute(record)
    line.add(",\"upstream_us\":")
    if let duration = record.upstreamDuration { line.add(duration) } else { line.add("null") }
    line.add(",\"total_us\":")
    line.add(record.duration)
    line.add("}\n")
    return line
  }

  private mutating func addRequest(_ record: AccessRecord) {
    addText(",\"client\":", record.client)
    addText(",\"method\":", record.method)
    addText(",\"host\":", record.host)
    addText(",\"target\":", record.target)
    addText(",\"version\":", record.version)
    add(",\"status\":")
    add(record.status)
    add(",\"received\":")
    add(record.received)
    add(",\"sent\":")
    add(record.sent)
    addText(",\"referer\":", record.referer)
    addText(",\"user_agent\":", record.userAgent)
  }

  private mutating func addRoute(_ record: AccessRecord) {
    addText(",\"route\":", record.route)
    addText(",\"provider\":", record.provider)
    addText(",\"upstream\":", record.upstream)
    addText(",\"upstream_scheme\":", record.upstreamScheme)
    addText(",\"upstream_host\":", record.upstreamHost)
    addText(",\"upstream_port\":", record.upstreamPort)
    addText(",\"upstream_host_port\":", record.upstreamHostPort)
    addText(",\"upstream_addr\":", record.upstreamAddress)
    addText(",\"guest\":", record.guest)
  }

  /// `2026-11-22T17:00:07.123456Z`
  private mutating func addTime(_ time: UTCTime) {
    add(time.year, digits: 4)
    add("-")
    add(time.month, digits: 2)
    add("-")
    add(time.day, digits: 2)
    add("T")
    add(clockOf: time)
    add(".")
    add(time.microsecond, digits: 6)
    add("Z")
  }

  private mutating func addText(_ key: StaticString, _ text: String?) {
    add(key)
    guard let text else { return add("null") }
    add("\"")
    add(text, isPlain: { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      if $1 >= 0x20, $1 != 0x7F {
        $0 += [UInt8(ascii: "\\"), $1]
      } else {
        $0 += Array("\\u00".utf8) + [Self.hexDigits[Int($1 >> 4)], Self.hexDigits[Int($1 & 15)]]
      }
    }
    add("\"")
  }

  /// Replaces records that were lost.
  static func json(dropped: Int) -> AccessLine {
    var line = AccessLine(capacity: 32)
    line.add("{\"dropped\":")
    line.add(dropped)
    line.add("}\n")
    return line
  }
}
