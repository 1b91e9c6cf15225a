import HTTPMessages
import NIOCore
import RouteModel

/// A response of the proxy's own, which tells a failure as the client prefers to read it.
struct LocalAnswer {
  let head: ResponseHead
  let body: ByteBuffer

  /// - Parameters:
  ///   - route: the one that was to serve the request, if one was found.
  ///   - accept: all Accept fields of the request, joined.
  init(_ failure: ProxyFailure, route: Route?, accept: String?) throws(MessageFault) {
    let report = FailureReport(failure, route: route)
    let form = FailureForm(accept: accept)
    body = ByteBuffer(string: report.body(form))
    let fields = report.responseFields(form) + [("Content-Length", "\(body.readableBytes)")]
    let lines = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
    head = try ResponseHead(ByteBuffer(string: "HTTP/1.1 \(report.status) \r\n\(lines)\r\n"), limits: MessageLimits())
  }
}

extension FailureReport {
  /// All but `Content-Length`.
  func responseFields(_ form: FailureForm) -> [(name: String, value: String)] {
    let always = [
      ("Content-Type", form.contentType), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
      ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ]
    return always + (retryAfter.map { [("Retry-After", "\($0)")] } ?? []) + fields
  }
}
