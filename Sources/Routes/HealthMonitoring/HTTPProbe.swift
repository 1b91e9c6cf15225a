import HTTPTransport
import RouteModel

/// Asks for a path over HTTP; the status shows whether the service works.
///
/// HEAD unless the route wants GET. PVE and others refuse HEAD with 501, some with 405: they are asked again with GET, and
/// with GET from then on. Redirects are answers and are not followed.
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
      // The head of the answer is what counts: a body of any length, or without an end, is broken off.
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
    // Whom the proxy cannot believe is not healthy.
    request.tlsSignatures = .proxy
    // A device that serves one client at a time is to have room for it between two checks.
    request.closesConnection = true
    switch target.tlsServerName {
    case .named(let name): request.tlsServerName = .named(name)
    case .off: request.tlsServerName = .off
    case nil: break
    }
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
      // That a server error is none that was wanted goes without saying.
      let wanted = response.status < 500 ? expected.description : nil
      return .failure(.badStatus(response.status, reason: response.reasonPhrase, wanted: wanted, after: latency))
    }
    return .success(latency: latency, detail: StatusLine.text(response.status, reason: response.reasonPhrase))
  }

  /// Nil if the path would not fit into a request line (RFC 9112 §3.2.1).
  private static func url(of target: ProbeTarget) -> String? {
    guard case .network(let scheme, let host, let port) = target.upstream, target.path.utf8.first == UInt8(ascii: "/"),
      target.path.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else { return nil }
    let origin = Upstream.network(scheme: scheme == .h2c ? .http : scheme, host: host, port: port)
    return "\(origin)\(target.path)"
  }
}
