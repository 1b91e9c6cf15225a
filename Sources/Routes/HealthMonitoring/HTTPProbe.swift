import HTTPTransport
import PrintableText
import RouteModel

/// Requests a path over HTTP; the status decides whether the service works.
///
/// The method is HEAD unless the route states GET. PVE and other servers refuse HEAD with 501 or 405: for these, the
/// probe is repeated with GET, and the next ones use GET from the start. Redirects count as answers and are not
/// followed.
struct HTTPProbe: Sendable {
  let client: HTTPClient

  func probe(_ target: ProbeTarget, memory: ProbeMemory) async -> ProbeResult {
    guard let url = Self.url(of: target) else {
      let reason = "the health check's path '\(target.path)' is none: it begins with '/' and has no spaces"
      return ProbeResult(outcome: .impossible(reason: reason), memory: memory)
    }
    do throws(HTTPTransportError) {
      if !target.useGet, !memory.refusesHead {
        let response = try await client.send(request(.head, url, target))
        if response.status != 501, response.status != 405 {
          return Self.result(response, target, memory)
        }
      }
      // Only the head of the answer matters: the body, which may be endless, is cancelled.
      let (response, _) = try await client.stream(request(.get, url, target))
      return Self.result(response, target, ProbeMemory(refusesHead: memory.refusesHead || !target.useGet))
    } catch {
      return ProbeResult(outcome: ProbeOutcome(error), memory: memory)
    }
  }

  private func request(_ method: HTTPRequest.Method, _ url: String, _ target: ProbeTarget) -> HTTPRequest {
    var request = HTTPRequest(method, url)
    request.headers = [("User-Agent", "pvescout")]
    request.timeout = target.timeout
    request.connectTimeout = target.timeout
    request.trust = target.trust
    // The proxy's algorithms, because a server that the proxy does not trust is not healthy.
    request.tlsSignatures = .proxy
    // A device that serves one client at a time must have room for it between two checks.
    request.closesConnection = true
    request.tlsServerName = target.tlsServerName
    if case .network(.h2c, _, _) = target.upstream { request.version = .http2PriorKnowledge }
    return request
  }

  private static func result(_ response: HTTPResponse, _ target: ProbeTarget, _ memory: ProbeMemory) -> ProbeResult {
    ProbeResult(
      outcome: outcome(of: response, expected: target.expectedStatus), memory: memory,
      phases: ProbePhases(response.timings), certificateEnd: response.peerCertificate?.notAfter)
  }

  private static func outcome(of response: HTTPResponse, expected: ExpectedStatus) -> ProbeOutcome {
    let latency = response.timings.firstByte
    guard expected.contains(response.status) else {
      // For a server error, the expected statuses add nothing to the message.
      let wanted = response.status < 500 ? expected.description : nil
      return .failure(.badStatus(response.status, reason: response.reasonPhrase, wanted: wanted, after: latency))
    }
    return .success(latency: latency, detail: StatusLine.text(response.status, reason: response.reasonPhrase))
  }

  /// Nil if the path does not fit into a request line (RFC 9112 §3.2.1).
  private static func url(of target: ProbeTarget) -> String? {
    guard case .network(let scheme, let host, let port) = target.upstream, target.path.utf8.first == UInt8(ascii: "/"),
      target.path.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else { return nil }
    let origin = Upstream.network(scheme: scheme == .h2c ? .http : scheme, host: host, port: port)
    return "\(origin)\(target.path)"
  }
}

/// An HTTP status as one line for people.
enum StatusLine {
  /// `502 Bad Gateway`; the usual reason phrase if the answer had none (as in HTTP/2).
  ///
  /// The phrase is the peer's and is printed on a terminal: control characters are removed, and its length is bounded.
  static func text(_ status: Int, reason: String) -> String {
    let reason = String(
      String.UnicodeScalarView(reason.unicodeScalars.filter { !PrintableText.isUnsafe($0) }.prefix(60)))
    let phrase = reason.allSatisfy(\.isWhitespace) ? usual[status] ?? "" : reason
    return phrase.isEmpty ? "\(status)" : "\(status) \(phrase)"
  }

  private static let usual = [
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
    302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout",
  ]
}
