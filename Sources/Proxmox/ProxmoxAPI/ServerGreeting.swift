package import HTTPTransport
import JSONDocument
import PrintableText

/// What an endpoint shows to somebody who has not logged in: `GET /access/domains`, which PVE answers to everybody.
///
/// No credentials are sent, so any trust policy may be used to look.
package struct ServerGreeting: Hashable, Sendable {
  /// Nil if the peer has shown none.
  package var certificate: PeerCertificate?
  /// The server's clock by its headers, in seconds since 1970; nil where they do not tell.
  package var clock: Int?
  /// From the start of the request to the end of the answer.
  package var duration: Duration

  package init(certificate: PeerCertificate?, clock: Int?, duration: Duration) {
    (self.certificate, self.clock, self.duration) = (certificate, clock, duration)
  }

  /// Throws ``ProxmoxError``: `malformed` where no PVE answers.
  ///
  /// - Parameter credentials: not sent; hidden if the peer knows them and repeats them.
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
    // PVE lets every answer expire at once.
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
    // Somebody's API who tells less to strangers: the login will show whose.
    case 401, 403, 501: return
    // Nobody's credentials were refused, as none were sent.
    default: throw ProxmoxError(response, credentials: .password(username: "nobody", password: ""))
    }
  }
}
