import HTTPMessages
import NIOCore
import RouteModel

/// A response of the proxy itself, such as a failure in the format that the client prefers.
struct LocalAnswer {
  let head: ResponseHead
  let body: ByteBuffer

  init(_ head: ResponseHead, _ body: ByteBuffer) { (self.head, self.body) = (head, body) }

  /// - Parameters:
  ///   - route: the route of the request; nil if there is none.
  ///   - accept: all Accept fields of the request, joined.
  init(_ failure: ProxyFailure, route: Route?, accept: String?) {
    let report = FailureReport(failure, route: route)
    let format = FailureFormat(accept: accept)
    body = ByteBuffer(string: report.body(format))
    let fields = report.responseFields(format) + [("Content-Length", "\(body.readableBytes)")]
    head = ResponseHead(status: report.status, fields: fields)
  }
}

extension FailureReport {
  /// All fields except `Content-Length`.
  func responseFields(_ format: FailureFormat) -> [(name: String, value: String)] {
    let always = [
      ("Content-Type", format.contentType), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
      ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ]
    return always + (retryAfter.map { [("Retry-After", "\($0)")] } ?? []) + fields
  }
}
