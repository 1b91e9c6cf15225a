import HTTPTransport
import PeerTrust
import TestSupport

extension ScriptedServer {
  func url(_ path: String = "/", scheme: String = "http", host: String = "127.0.0.1") -> String {
    "\(scheme)://\(host):\(port)\(path)"
  }

  /// A GET to this server under a trust policy.
  func request(_ path: String = "/", trust: TrustPolicy) -> HTTPRequest {
    var request = HTTPRequest(.get, url(path, scheme: "https"))
    request.trust = trust
    return request
  }

  func firstEvent(_ kind: Event.Kind, connection: Int? = nil) async throws -> Event {
    try await eventually("the server sees: \(kind)") {
      try await events(kind).first { connection == nil || $0.connection == connection }
    }
  }
}

extension HTTPResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}
