import HTTPTransport
import JSONDocument
package import PeerTrust

/// Delivers a notice as an HTTP request with a JSON body.
package struct Webhook: Hashable, Sendable {
  package enum Form: Hashable, Sendable {
    case preset(WebhookPreset)
    case template(BodyTemplate)
  }

  /// The value may be a secret; the name never is.
  package struct Header: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(name: String, value: String) { (self.name, self.value) = (name, value) }
  }

  package var url: WebhookURL
  package var form: Form
  /// Sent in addition to `Content-Type` and `User-Agent`, which they may replace.
  package var headers: [Header]
  package var trust: TrustPolicy
  package var timeout: Duration

  package init(
    url: WebhookURL, form: Form, headers: [Header] = [], trust: TrustPolicy = .systemRoots,
    timeout: Duration = .seconds(10)
  ) {
    self.url = url
    self.form = form
    self.headers = headers
    self.trust = trust
    self.timeout = timeout
  }

  /// The destination without secrets, for logs.
  var destination: String { url.shown }

  func request(for notice: Notice) -> HTTPRequest {
    var request: HTTPRequest
    switch form {
    case .preset(let preset):
      request = HTTPRequest(.post, preset.endpoint(of: url))
      request.body = preset.body(for: notice, url: url).json
    case .template(let template):
      request = HTTPRequest(.post, url.text())
      request.body = template.body(for: notice)
    }
    let own = Set(headers.map { $0.name.lowercased() })
    let usual = [
      Header(name: "Content-Type", value: "application/json"), Header(name: "User-Agent", value: "pvescout"),
    ]
    request.headers = (usual.filter { !own.contains($0.name.lowercased()) } + headers).map { ($0.name, $0.value) }
    request.secrets = headers.map(\.value)
    request.trust = trust
    request.timeout = timeout
    request.connectTimeout = timeout
    // The response body is not used; a longer one does not come from such a service.
    request.maximumBodySize = 1 << 20
    return request
  }
}
