import Testing

@testable import HTTPTransport

@Suite(.timeLimit(.minutes(5))) struct SecretMaskTests {
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
      ("pass wörd+1", "password=pass+w%C3%B6rd%2b1&x"), ("pass/\tw\u{1F}rd", #"pass\/\tw\u001Frd"#),
      ("pass/\tw\u{1F}rd", "pass%2F%09w%1frd"),
    ])
  func hidesTheFormsInWhichItIsSent(_ secret: String, _ text: String) {
    let masked = SecretMask([secret]).masked(HTTPResponse(status: 200, reasonPhrase: "", body: Array(text.utf8)))
    let shown = String(decoding: masked.body, as: UTF8.self)
    #expect(shown.contains("***"), "\(shown)")
    for part in ["66AA", "pass/", "pass%", "pass+"] { #expect(!shown.contains(part), "\(shown)") }
  }

  /// The peer chooses what it escapes; what is left of the text must stay JSON.
  @Test(arguments: [
    (#"{"a":"p\u00e4ss<w\u00F6rd/"}"#, #"{"a":"***"}"#), (#"{"a":"pä\u0073s\u003cw\u00f6rd\/"}"#, #"{"a":"***"}"#),
    (#"{"\u0070\u00e4\u0073\u0073\u003C\u0077\u00f6\u0072\u0064\u002f":1}"#, #"{"***":1}"#),
    (#"\"\u0022\u005cp\u00e4ss<wörd/\n\u000a\/\ud83d\ude00\""#, #"\"\"\\***\u000a\u000a/😀\""#),
    ("a=p%C3%a4ss%3Cw%c3%b6rd/&b=%22%0A%", #"a=***&b=\"\u000a%"#), ("p%E4ss%3Cw%F6rd%2F", "***"),
    (#"p\u0025C3%a4ss\u003cw%C3%B6rd\u002F"#, "***"), ("pÃ¤ss<wÃ¶rd/", "***"),
    (#"p\u00c3\u00a4ss<w\u00C3\u00B6rd\/"#, "***"),
  ])
  func hidesEachSpelling(_ text: String, _ expected: String) {
    let mask = SecretMask(["päss<wörd/"])
    for status in [200, 401] {
      let masked = mask.masked(HTTPResponse(status: status, reasonPhrase: text, body: Array(text.utf8)))
      #expect(String(decoding: masked.body, as: UTF8.self) == expected)
      #expect(masked.reasonPhrase == expected)
    }
  }

  @Test func hidesASecretInLatin1() {
    let text = Array("HTTP/1.1 401 no p".utf8) + [0xe4] + Array("ssw".utf8) + [0xf6] + Array("rd-geheim".utf8)
    var head = ReceivedHead()
    let isTaken = head.append(text + Array("\r\n".utf8))
    #expect(isTaken)
    let response = HTTPResponse(status: head.status, reasonPhrase: head.reasonPhrase, body: text)
    let masked = SecretMask(["pässwörd-geheim"]).masked(response)
    #expect(masked.reasonPhrase == "no ***")
    #expect(masked.body == Array("HTTP/1.1 401 no ***".utf8))
  }

  @Test(arguments: [#"{"a":"\u00e4\/%41\n"}"#, #"\"#, #"\u"#, #"\u12"#, #"\ud800"#, "%", "%4", "%zz", "%41"])
  func leavesOtherEscapes(_ text: String) {
    let masked = SecretMask(["päss<wörd/"]).masked(
      HTTPResponse(status: 401, reasonPhrase: text, body: Array(text.utf8)))
    #expect(masked.reasonPhrase == text && masked.body == Array(text.utf8))
  }

  /// It may have been encoded twice, or be a word that a good answer keeps.
  @Test(arguments: [(#"wrong: p\u00e4ss<wörd\/"#, "wrong: ***"), ("wrong: node", "wrong: ***"), ("no", "no")])
  func hidesWhatAnErrorQuotes(_ text: String, _ expected: String) {
    let answer = HTTPResponse(status: 200, reasonPhrase: "OK")
    #expect(SecretMask(["päss<wörd/", "node"]).masked(answer).masked(text) == expected)
    #expect(answer.masked(text) == text)
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
