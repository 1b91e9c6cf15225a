import Foundation
import RouteModel
import Testing

@testable import ProxyTraffic

@Suite struct AccessLineTests {
  @Test func writesTheCombinedFormatWithItsTail() {
    #expect(
      AccessLine.combined(.sample).text == """
        192.0.2.7 - - [22/Nov/2026:17:00:07 +0000] "GET /web/index.html?a=b HTTP/1.1" 200 612 \
        "https://home.example/" "curl/8.5.0" route="plex" upstream="http://10.0.0.50:32400" \
        guest="home/105 plex" upstream_us=950 total_us=1210

        """)
  }

  @Test func writesADashForWhatIsAbsent() {
    let record = AccessRecord(time: 0, client: "::1", method: "GET", target: "", version: "HTTP/2", status: 0)
    #expect(
      AccessLine.combined(record).text == """
        ::1 - - [01/Jan/1970:00:00:00 +0000] "GET - HTTP/2" 000 0 "-" "-" route="-" upstream="-" guest="-" \
        upstream_us=- total_us=0

        """)
  }

  @Test(arguments: [
    ("a\"b", "a\\x22b"), ("a\\b", "a\\x5Cb"), ("\r\nGET / HTTP/1.1", "\\x0D\\x0AGET / HTTP/1.1"),
    ("\u{1B}[31m", "\\x1B[31m"), ("\u{7F}", "\\x7F"), ("é", "\\xC3\\xA9"), ("\0", "\\x00"),
    ("\u{2028}", "\\xE2\\x80\\xA8"),
    ("plain ~!#'<>", "plain ~!#'<>"),
  ])
  func escapesHostileBytesAsNginxDoes(text: String, written: String) {
    var record = AccessRecord.sample
    (record.userAgent, record.target, record.referer, record.method) = (text, text, text, text)
    let line = AccessLine.combined(record).text
    #expect(line.contains("\"\(written) \(written) HTTP/1.1\" 200 612 \"\(written)\" \"\(written)\" route="))
    #expect(line.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
  }

  @Test(arguments: ["plain", "\"quoted\" \\ back", "\r\n\t\0\u{1B}\u{7F}", "é 🎬 \u{2028}", ""])
  func writesJSONThatReadsBackAsItWas(text: String) throws {
    var record = AccessRecord.sample
    (record.client, record.method, record.target, record.version) = (text, text, text, text)
    (record.host, record.referer, record.userAgent, record.route) = (text, text, text, text)
    (record.provider, record.upstream, record.guest) = (text, text, text)
    (record.upstreamScheme, record.upstreamHost, record.upstreamPort) = (text, text, text)
    (record.upstreamHostPort, record.upstreamAddress) = (text, text)
    let line = AccessLine.json(record)
    #expect(line.bytes.count { $0 == UInt8(ascii: "\n") } == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any])
    for key in [
      "client", "method", "target", "version", "host", "referer", "user_agent", "route", "provider", "upstream",
      "upstream_scheme", "upstream_host", "upstream_port", "upstream_host_port", "upstream_addr", "guest",
    ] { #expect(object[key] as? String == text, "\(key)") }
  }

  @Test func writesNumbersAndNullsIntoJSON() throws {
    var record = AccessRecord.sample
    (record.guest, record.upstreamDuration) = (nil, nil)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(AccessLine.json(record).bytes)) as? [String: Any])
    #expect(object["time"] as? String == "2026-11-22T17:00:07.000123Z")
    #expect(object["status"] as? Int == 200)
    #expect(object["received"] as? Int == 3)
    #expect(object["sent"] as? Int == 612)
    #expect(object["total_us"] as? Int == 1210)
    #expect(object["guest"] is NSNull)
    #expect(object["upstream_us"] is NSNull)
  }

  @Test(arguments: [
    (0, "0"), (7, "7"), (10, "10"), (-42, "-42"), (Int.max, "9223372036854775807"), (Int.min, "-9223372036854775808"),
  ])
  func writesNumbers(number: Int, written: String) {
    var line = AccessLine(capacity: 32)
    line.add(number)
    #expect(line.text == written)
  }
}

@Suite struct ProxmoxLinkLogNameTests {
  @Test func namesTheGuestOrNode() {
    let guest = GuestID(cluster: "home", vmid: 105)
    let named = LinkedResource.Identity.guest(guest, node: "pve1", name: "plex", type: .lxc, status: .running)
    let nameless = LinkedResource.Identity.guest(guest, node: "pve1", name: nil, type: .lxc, status: .running)
    let node = LinkedResource.Identity.node(NodeID(cluster: "home", name: "pve1"))
    #expect(ProxmoxLink.linked(.init(named, matchedBy: .alias, matched: "plex")).logName == "home/105 plex")
    #expect(ProxmoxLink.linked(.init(nameless, matchedBy: .alias, matched: "plex")).logName == "home/105")
    #expect(ProxmoxLink.linked(.init(node, matchedBy: .alias, matched: "pve1")).logName == "home/pve1")
    #expect(ProxmoxLink.unlinked(.init(.noMatch, "")).logName == nil)
  }
}

extension AccessLine {
  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
