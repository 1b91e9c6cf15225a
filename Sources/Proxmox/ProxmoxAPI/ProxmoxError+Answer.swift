import HTTPTransport
import JSONDocument
import PrintableText

extension ProxmoxError {
  init(_ error: HTTPTransportError) {
    if case .fingerprintMismatch(let presented) = error {
      self = .fingerprintMismatch(presented: presented)
    } else {
      self = .transport(error)
    }
  }

  /// Classifies an unsuccessful answer. PVE's own text is in the reason phrase; newer versions (pve-http-server 5.2.0)
  /// repeat it in the body.
  init(_ response: HTTPResponse, credentials: ProxmoxCredentials) {
    let text = response.masked(Self.text(of: response))
    switch response.status {
    case 401: self = .unauthorized(Self.unauthorizedText(text, credentials))
    case 403: self = .forbidden(Privilege(in: text), text)
    case 400: self = .badRequest(text)
    case 501: self = .notImplemented(text)
    case 595...: self = .nodeUnreachable("\(response.status) \(text)")
    case 500 where Self.meansNotFound(text): self = .notFound(text)
    case 300..<400:
      self = .malformed(
        "wanted PVE's API, found a redirect (\(response.status)) to \(PeerText.clean(response.header("Location") ?? "nowhere")): "
          + "give the endpoint as https://HOST:8006")
    default: self = .server(status: response.status, text)
    }
  }

  private static func meansNotFound(_ text: String) -> Bool {
    // "Configuration file 'nodes/pve1/lxc/777.conf' does not exist"; "hostname lookup 'pve9' failed - …".
    text.contains("does not exist") || text.hasPrefix("hostname lookup") || text.hasPrefix("no such")
  }

  private static func unauthorizedText(_ text: String, _ credentials: ProxmoxCredentials) -> String {
    switch credentials {
    case .token(let id, _):
      "PVE refuses the token \(id) (401 \(text)): check token_id and its secret, and that the token exists and has not "
        + "expired (pveum user token list)"
    case .password(let username, _):
      "PVE refuses the login of \(username) (401 \(text)): check username, realm and password"
    }
  }

  /// The reason phrase, or the body's `message` if the phrase is generic, with the invalid parameters.
  private static func text(of response: HTTPResponse) -> String {
    let body = (try? JSONReader.value(of: response.body)) ?? .null
    var text = PeerText.clean(response.reasonPhrase)
    if text.isEmpty || genericReasons.contains(text), let message = body["message"].string {
      let message = PeerText.clean(message)
      if !message.isEmpty { text = message }
    }
    if let errors = body["errors"].object, !errors.isEmpty {
      let wrong = errors.sorted { $0.key < $1.key }.map { "\($0.key): \(PeerText.clean($0.value.string ?? "wrong"))" }
      text = PeerText.clean(text + " " + wrong.joined(separator: ", "))
    }
    return text.isEmpty ? "without a reason" : text
  }

  /// Generic phrases of HTTP statuses, as an intermediate proxy sends them.
  private static let genericReasons: Set<String> = [
    "Bad Request", "Unauthorized", "Forbidden", "Internal Server Error", "Not Implemented", "OK",
  ]

}

extension ProxmoxError.Privilege {
  /// Parses `Permission check failed (/vms/101, VM.Audit)`.
  init?(in text: String) {
    guard let opening = text.firstIndex(of: "("), let closing = text.lastIndex(of: ")"), opening < closing else {
      return nil
    }
    let parts = text[text.index(after: opening)..<closing].split(separator: ",", maxSplits: 1)
    guard parts.count == 2, parts[0].hasPrefix("/") else { return nil }
    self.init(path: String(parts[0]), privileges: String(parts[1].drop { $0 == " " }))
  }
}

/// Makes a peer's text safe for terminals and logs: one short line without control and format characters.
enum PeerText {
  static let maximumLength = 200

  static func clean(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    // Truncated here too: a character may consist of any number of scalars.
    for scalar in text.unicodeScalars.prefix(maximumLength * 4) {
      // A blank, because without it the parts of a secret could be joined after its masking.
      shown.append(scalar.properties.isWhitespace || PrintableText.isUnsafe(scalar) ? " " : scalar)
    }
    let line = String(shown).split(separator: " ").joined(separator: " ")
    return line.count > maximumLength ? line.prefix(maximumLength - 1) + "…" : line
  }
}
