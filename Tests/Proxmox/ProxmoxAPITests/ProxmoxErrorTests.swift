import HTTPTransport
import PeerTrust
import Testing

@testable import ProxmoxAPI

@Suite("ProxmoxError") struct ProxmoxErrorTests {
  private static let token = ProxmoxCredentials.token(id: "a@pve!b", secret: "very-secret")

  @Test("Answers are classified by the possible reactions", arguments: answerRows)
  func sorts(_ row: AnswerRow) {
    let response = HTTPResponse(status: row.status, reasonPhrase: row.reason, body: Array(row.body.utf8))
    let error = ProxmoxError(response, credentials: Self.token)
    #expect(error == row.error)
    #expect(!error.description.contains("very-secret"))
  }

  @Test("A refused token is named, its secret is not")
  func namesTheToken() {
    let response = HTTPResponse(status: 401, reasonPhrase: "Authentication failed!")
    let error = ProxmoxError(response, credentials: Self.token)
    guard case .unauthorized(let text) = error else {
      Issue.record("found \(error)")
      return
    }
    #expect(text.contains("a@pve!b") && text.contains("Authentication failed!") && !text.contains("secret "))
    #expect(!error.mayDifferElsewhere)
  }

  @Test("A peer's text is safe for terminals: one line without control and format characters")
  func cleansPeerTexts() {
    let evil = "\u{1B}[31mdown\u{7}\u{202E}\u{200B}\u{9B}\r\n now" + String(repeating: "!", count: 5000)
    let body = #"{"errors":{"\#\u001b]0;x":"a\u001b[2J"}}"#
    let responses = [
      HTTPResponse(status: 502, reasonPhrase: evil), HTTPResponse(status: 401, reasonPhrase: evil),
      HTTPResponse(status: 400, reasonPhrase: "no", body: Array(body.utf8)),
      HTTPResponse(status: 302, reasonPhrase: "Found", headers: [("Location", evil)]),
    ]
    var texts = responses.map { ProxmoxError($0, credentials: Self.token).description }
    texts.append(
      HTTPResponse(status: 200, reasonPhrase: "OK", headers: [("Content-Type", evil)], body: Array(evil.utf8))
        .complaint("no"))
    for text in texts {
      #expect(text.unicodeScalars.allSatisfy { ![.control, .format].contains($0.properties.generalCategory) })
      #expect(text.count < 500)
    }
    #expect(texts[0].contains("[31mdown now!!!"))
  }

  @Test("What a peer separates is not joined: it may be a secret that was not masked")
  func joinsNothing() {
    for separator in ["\u{200B}", "\u{7}", "\u{AD}", "\u{202E}", "\n", " \t "] {
      #expect(PeerText.clean("very\(separator)-secret") == "very -secret")
    }
  }

  @Test(
    "Errors of the transport are reported with a remedy",
    arguments: [
      (HTTPTransportError.nameLookupFailed(host: "pve1", reason: "no answer in time"), "DNS"),
      (.timedOut(phase: "connecting", after: .seconds(2)), "firewall"),
      (.timedOut(phase: "TLS handshake", after: .seconds(2)), "systemctl status pveproxy"),
      (.timedOut(phase: "waiting for an answer", after: .seconds(2)), "systemctl status pveproxy"),
      (.cannotConnect(address: "127.9.0.1:8006", reason: "No route to host"), "is the address right"),
      (.connectionClosed(reason: "transfer closed"), "systemctl status pveproxy"),
      (.malformedResponse(reason: "no status line"), "8006"),
    ])
  func reportsTheRemedy(error: HTTPTransportError, words: String) {
    let text = ProxmoxError(error).description
    #expect(text.hasPrefix("\(error); ") && text.contains(words), "\(text)")
  }

  @Test(
    "A truncated answer still counts as PVE's",
    arguments: [
      (#"{"data": [{"vmid": 100, "node": "pv"#, "cut off"), ("<html>hello</html>", "is the endpoint a PVE API?"),
      (#"{"other": 1}"#, "is the endpoint a PVE API?"), ("", "is the endpoint a PVE API?"),
    ])
  func distinguishesTruncatedAnswersFromForeignOnes(body: String, words: String) {
    #expect(HTTPResponse(status: 200, reasonPhrase: "OK", body: Array(body.utf8)).complaint("no").contains(words))
  }

  @Test("A missing privilege is reported with its path")
  func namesThePrivilege() {
    let response = HTTPResponse(status: 403, reasonPhrase: "Permission check failed (/vms/101, VM.Audit|VM.Monitor)")
    let error = ProxmoxError(response, credentials: Self.token)
    #expect(error.description.contains("grant VM.Audit on /vms/101"))
  }

  @Test("A wrong fingerprint is reported with the presented one")
  func namesTheFingerprint() throws {
    let presented = try #require(CertificateFingerprint(String(repeating: "AB", count: 32)))
    let error = ProxmoxError(HTTPTransportError.fingerprintMismatch(presented: presented))
    #expect(error == .fingerprintMismatch(presented: presented))
    #expect(error.description.contains(presented.description))
    #expect(ProxmoxError(HTTPTransportError.closed) == .transport(.closed))
  }
}

struct AnswerRow: Sendable {
  var status: Int
  var reason: String
  var body = ""
  var error: ProxmoxError
}

private let answerRows: [AnswerRow] = [
  AnswerRow(
    status: 403, reason: "Permission check failed (/vms/101, VM.Audit)", body: #"{"data":null}"#,
    error: .forbidden(
      .init(path: "/vms/101", privileges: "VM.Audit"), "Permission check failed (/vms/101, VM.Audit)")),
  AnswerRow(status: 403, reason: "Forbidden", error: .forbidden(nil, "Forbidden")),
  AnswerRow(
    status: 400, reason: "Parameter verification failed.", body: #"{"errors":{"type":"not in enum\n"},"data":null}"#,
    error: .badRequest("Parameter verification failed. type: not in enum")),
  AnswerRow(
    status: 500, reason: "Configuration file 'nodes/pve1/lxc/777.conf' does not exist",
    error: .notFound("Configuration file 'nodes/pve1/lxc/777.conf' does not exist")),
  AnswerRow(
    status: 500, reason: "hostname lookup 'pve9' failed - failed to get address info",
    error: .notFound("hostname lookup 'pve9' failed - failed to get address info")),
  AnswerRow(
    status: 500, reason: "Internal Server Error", body: #"{"message":"VM 201 is not running\n","data":null}"#,
    error: .server(status: 500, "VM 201 is not running")),
  AnswerRow(status: 500, reason: "", body: "", error: .server(status: 500, "without a reason")),
  AnswerRow(
    status: 501, reason: "Method 'GET /nope' not implemented",
    error: .notImplemented("Method 'GET /nope' not implemented")
  ),
  AnswerRow(status: 595, reason: "No route to host", error: .nodeUnreachable("595 No route to host")),
  AnswerRow(status: 596, reason: "Connection timed out", error: .nodeUnreachable("596 Connection timed out")),
  AnswerRow(status: 599, reason: "Too many redirections", error: .nodeUnreachable("599 Too many redirections")),
  AnswerRow(status: 502, reason: "Bad Gateway", body: "<html>", error: .server(status: 502, "Bad Gateway")),
]
