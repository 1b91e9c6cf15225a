package import HTTPTransport
import JSONDocument
package import PeerTrust
import PrintableText

/// The information that an endpoint provides without a login: `GET /access/domains`, which PVE answers for everyone.
///
/// No credentials are sent, so any trust policy may be used.
package struct ServerGreeting: Hashable, Sendable {
  /// Nil if the peer has none.
  package var certificate: PeerCertificate?
  /// The server's clock according to its headers, in seconds since 1970; nil without a date.
  package var clock: Int?
  /// From the start of the request to the end of the answer.
  package var duration: Duration

  package init(certificate: PeerCertificate?, clock: Int?, duration: Duration) {
    (self.certificate, self.clock, self.duration) = (certificate, clock, duration)
  }

  /// Throws ``ProxmoxError``: `malformed` if the server is not PVE.
  ///
  /// - Parameter credentials: not sent; masked in case the peer knows and repeats them.
  package static func of(
    _ endpoint: String, trust: TrustPolicy, http: HTTPClient, timeout: Duration, hiding credentials: ProxmoxCredentials
  ) async throws(ProxmoxError) -> ServerGreeting {
    var request = HTTPRequest(.get, "\(endpoint)/api2/json/access/domains")
    request.trust = trust
    request.secrets = credentials.secrets
    request.timeout = timeout
    request.connectTimeout = min(request.connectTimeout, timeout)
    let response: HTTPResponse
    do { response = try await http.send(request) } catch { throw ProxmoxError(error) }
    try requirePVE(response)
    // PVE's answers expire at once.
    let date = response.header("Date") ?? response.header("Expires")
    return ServerGreeting(
      certificate: response.peerCertificate, clock: date.flatMap(HTTPDate.seconds),
      duration: response.timings.total)
  }

  private static func requirePVE(_ response: HTTPResponse) throws(ProxmoxError) {
    switch response.status {
    case 200:
      let envelope = (try? JSONReader.value(of: response.body)) ?? .null
      guard envelope.object?["data"] != nil else { throw .malformed(response.complaint("no field 'data'")) }
    // Possibly another API, or a restricted one: the login will show that.
    case 401, 403, 501: return
    // These are not the caller's credentials, as none were sent.
    default: throw ProxmoxError(response, credentials: .password(username: "nobody", password: ""))
    }
  }
}
