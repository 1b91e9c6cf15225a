import RouteModel
import Testing

@testable import RouteProviders

/// The most common mistakes, each with its correction.
@Suite struct MistakeTests {
  @Test(
    arguments: [
      ("plex:\n  host:127.0.0.1\n  port: 80\n", "a space is missing behind 'host:' on line 2"),
      ("plex:\n  port: 80\n  host:127.0.0.1\n", "a space is missing behind 'host:' on line 3"),
      (
        "plex:\n  host:127.0.0.1\n",
        "2:3: route 'plex' must be a mapping, found text: a space is missing behind 'host:'"
      ),
      ("plex: {host:127.0.0.1, port: 80}\n", "1:8: a space is missing behind 'host:'"),
      ("plex: {}\nx-list:\n  - name:a\n    port: 80\n", "a space is missing behind 'name:' on line 3"),
      ("plex:{port: 80}\n", "1:1: a space is missing behind 'plex:'"),
    ])
  func aMissingSpace(_ text: String, _ expected: String) throws {
    let problems = try RouteText.problems(text)
    #expect(problems.count == 1 && problems[0].hasSuffix(expected), "\(problems)")
  }

  @Test func routesBelowAKeyOfTheirOwn() throws {
    #expect(
      try RouteText.problems("routes:\n  plex: {port: 80}\n  sonarr: {port: 81}\n")
        == ["1:1: routes belong at the top of the file: remove 'routes:' and the indentation below it"])
    #expect(
      try RouteText.problems("routes:\n  - {alias: plex, port: 80}\n")
        == ["1:1: routes are no list: write each at the top of the file, as in 'plex: {host: 10.0.0.50}'"])
    #expect(try RouteText.route("routes: {port: 80, healthcheck: {path: /}}").alias.text == "routes")
  }

  @Test(
    arguments: [
      ("ip: 10.0.0.1", "unknown key 'ip': write 'host', with the name or address alone"),
      ("address: 10.0.0.1", "unknown key 'address': write 'host', with the name or address alone"),
      ("IP: 10.0.0.1", "unknown key 'IP': write 'host', with the name or address alone"),
      ("url: http://10.0.0.1", "unknown key 'url': write 'host', and 'scheme' and 'port' beside it"),
      ("vmid: 105", "unknown key 'vmid': it belongs into 'proxmox', as in 'proxmox: {vmid: 105}'"),
    ])
  func otherNamesOfAKey(_ text: String, _ expected: String) throws {
    #expect(try RouteText.problems("plex: {\(text)}") == ["1:8: \(expected)"])
  }

  @Test(arguments: ["*.home.example: {port: 80}\n", "a: {port: 1}\n*.home.example:\n  port: 80\n"])
  func aStarWithoutQuotes(_ text: String) throws {
    let problems = try RouteText.problems(text)
    #expect(
      problems.count == 1
        && problems[0].hasSuffix("a name that begins with '*' needs quotes, as in \"*.home.example\":"), "\(problems)")
  }

  @Test func aValueThatIsAStarWithoutQuotes() throws {
    #expect(
      try RouteText.problems("plex:\n  host: *.home.example\n")
        == ["2:10: a value that begins with '*' needs quotes, as in \"*.home.example\""])
  }

  @Test(
    arguments: [
      ("plex:\n\u{A0} host: a\n  port: 80\n", "2:1: "), ("plex:\n \u{A0}host: a\n  port: 80\n", "2:2: "),
      ("plex:\n\u{A0}\u{A0}port: 80\n", "2:1: "), ("plex:\n \u{A0}port: 80\n", "2:2: "),
      ("plex:\n  host: a\n \u{A0}port: 80\n", "3:2: "),
    ])
  func aNoBreakSpaceInTheIndentation(_ text: String, _ place: String) throws {
    let problems = try RouteText.problems(text)
    let words = "the line begins with a no-break space (U+00A0): YAML is indented by plain spaces"
    #expect(problems == ["\(place)\(words)"])
  }

  @Test func aNameThatIsTooLong() throws {
    let problems = try RouteText.problems("\(String(repeating: "a", count: 64)): {port: 80}")
    #expect(
      problems == [
        "1:1: alias '\(String(repeating: "a", count: 40))…': 'aaaaaaaaaaaaaaaaaaaa…' has 64 characters, and no part of a "
          + "host name has more than 63: shorten it"
      ])
    #expect(try RouteText.route("\(String(repeating: "a", count: 63)): {port: 80}").alias.isShort)
  }

  /// The text after the colon may be a secret.
  @Test func aMissingSpaceIsToldWithoutTheValue() throws {
    #expect(try !RouteText.problems("plex: {token:hunter2}").joined().contains("hunter2"))
  }

  /// Both unknown keys are reported.
  @Test func allUnknownKeys() throws {
    #expect(
      try RouteText.problems("plex: {prot: 80, schem: http, hots: a}").map { String($0.prefix { $0 != "," }) } == [
        "1:8: unknown key 'prot'", "1:18: unknown key 'schem'", "1:31: unknown key 'hots'",
      ])
  }
}
