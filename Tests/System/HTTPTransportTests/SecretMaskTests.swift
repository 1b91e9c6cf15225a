import Testing

@testable import HTTPTransport

@Suite struct SecretMaskTests {
  private static let secret = "11111111-2222-3333-4444-555555555555"

  @Test(
    arguments: [
      ("no such token: PVEAPIToken=a@pve!b=\(secret)", "no such token: PVEAPIToken=a@pve!b=***"),
      ("\(secret)\(secret)x\(secret)", "******x***"), ("11111111-\(secret)", "11111111-***"),
      ("11111111-2222-3333-4444-55555555555", "11111111-2222-3333-4444-55555555555"), ("", ""),
    ])
  func hidesWhatAPeerRepeats(_ text: String, _ expected: String) {
    for status in [200, 500] {
      let answer = HTTPResponse(
        status: status, reasonPhrase: text, headers: [("X-Echo", text)], body: Array(text.utf8))
      let masked = SecretMask([Self.secret]).masked(answer)
      #expect(masked.reasonPhrase == expected && masked.headers[0].value == expected)
      #expect(String(decoding: masked.body, as: UTF8.self) == expected)
    }
    #expect(SecretMask([Self.secret]).masked(.malformedResponse(reason: text)) == .malformedResponse(reason: expected))
  }

  @Test(
    arguments: [
      (#"pass/"wörd\x"#, #"{"a":"pass/\"wörd\\x"}"#), (#"pass/"wörd\x"#, #"{"a":"pass\/\"wörd\\x"}"#),
      ("pass wörd+1", "password=pass%20w%C3%B6rd%2B1&x"), ("pass wörd+1", "pass%20w%c3%b6rd%2b1"),
      ("PVE:root@pam:66AA::b64/+=", "PVEAuthCookie=PVE%3Aroot%40pam%3A66AA%3A%3Ab64%2F%2B%3D"),
    ])
  func hidesTheFormsInWhichItIsSent(_ secret: String, _ text: String) {
    let masked = SecretMask([secret]).masked(HTTPResponse(status: 200, reasonPhrase: "", body: Array(text.utf8)))
    let shown = String(decoding: masked.body, as: UTF8.self)
    #expect(shown.contains("***"), "\(shown)")
    for part in ["66AA", "pass/", "pass%20"] { #expect(!shown.contains(part), "\(shown)") }
  }

  /// A short password may be an ordinary word.
  @Test func leavesGoodAnswersReadable() {
    let body = Array(#"{"data":[{"type":"node"}]}"#.utf8)
    for secret in ["node", "", "e", "data"] {
      #expect(SecretMask([secret]).masked(HTTPResponse(status: 200, reasonPhrase: "OK", body: body)).body == body)
    }
    let refusal = HTTPResponse(status: 401, reasonPhrase: "wrong: node", body: body)
    #expect(SecretMask(["node"]).masked(refusal).reasonPhrase == "wrong: ***")
    #expect(SecretMask(["e"]).masked(refusal).reasonPhrase == "wrong: node")
  }
}
