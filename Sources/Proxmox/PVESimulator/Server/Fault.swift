/// A fault to simulate.
package struct Fault: Sendable {
  package enum Kind: Sendable {
    /// This status and reason phrase, after this time; PVE's own body for the status if there is none.
    case status(Int, String, body: String? = nil, after: Duration = .zero)
    /// Accepts the request and never answers.
    case hang
    /// Closes the connection without an answer.
    case drop
    /// The right answer after this time.
    case delay(Duration)
    /// The answer of a reverse proxy whose backend is down.
    case html502
    /// The right answer, cut in the middle of its JSON; the transfer itself is complete.
    case halfJSON
    /// The right answer, but the connection ends in the middle.
    case truncated
    /// The right answer, wrongly declared as gzip.
    case brokenGzip
    /// 200 with this body.
    case body(String)
  }

  package var kind: Kind
  /// Nil for any.
  package var method: String?
  /// The beginning of the path below `/api2/json`, such as `/cluster/resources`; for other requests, of the whole path.
  package var path: String
  /// The address at which it occurs; nil for all.
  package var host: String?
  /// How many more times it occurs; nil for always.
  package var times: Int?

  package init(_ kind: Kind, method: String? = nil, path: String = "/", host: String? = nil, times: Int? = nil) {
    (self.kind, self.method, self.path, self.host, self.times) = (kind, method, path, host, times)
  }

  func matches(_ request: SimulatorRequest) -> Bool {
    let target = request.segments == nil ? request.path : request.apiPath
    return (method ?? request.method) == request.method && target.hasPrefix(path)
      && (host ?? request.localAddress) == request.localAddress
  }
}
