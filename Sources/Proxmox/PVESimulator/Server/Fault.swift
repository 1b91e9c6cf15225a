/// Something that goes wrong on purpose.
package struct Fault: Sendable {
  package enum Kind: Sendable {
    /// This status and reason phrase, after this time; without a body PVE's own for such a status.
    case status(Int, String, body: String? = nil, after: Duration = .zero)
    /// Accepts the request and never answers.
    case hang
    /// Closes the connection without an answer.
    case drop
    /// Answers as it should, but only after this time.
    case delay(Duration)
    /// A web server in front that found nothing behind it.
    case html502
    /// The right answer, cut in the middle of its JSON; the transfer itself is complete.
    case halfJSON
    /// The right answer, of which only half arrives before the connection ends.
    case truncated
    /// The right answer, said to be gzip, which it is not.
    case brokenGzip
    /// 200 with this body.
    case body(String)
  }

  package var kind: Kind
  /// Nil for any.
  package var method: String?
  /// What the path below `/api2/json` begins with, such as `/cluster/resources`; for other requests the whole path.
  package var path: String
  /// The address at which it happens; nil for all.
  package var host: String?
  /// How often it still happens; nil for always.
  package var times: Int?

  package init(_ kind: Kind, method: String? = nil, path: String = "/", host: String? = nil, times: Int? = nil) {
    (self.kind, self.method, self.path, self.host, self.times) = (kind, method, path, host, times)
  }

  func matches(_ request: APIRequest) -> Bool {
    let target = request.segments == nil ? request.path : request.apiPath
    return (method ?? request.method) == request.method && target.hasPrefix(path)
      && (host ?? request.localAddress) == request.localAddress
  }
}
