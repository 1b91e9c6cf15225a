package import RouteModel

/// One request as the access log records it.
///
/// Texts are as the client sent them: the log escapes them. Absent ones are nil. Do not create records while
/// ``AccessLog/isOn`` is false.
package struct AccessRecord: Sendable {
  /// When the request arrived, in microseconds since 1970.
  package var time: Int64
  /// Without a port; from a trusted proxy's header if there is one.
  package var client: String
  /// ``unknown`` if a request was refused before its method was read; no real method is spelled like that.
  package var method: String
  /// The request target as it was sent, with the query.
  package var target: String
  /// `HTTP/1.1`
  package var version: String
  /// 0 if the client left before the answer.
  package var status: Int
  package var host: String?
  package var referer: String?
  package var userAgent: String?
  /// The sizes of the request's and the response's body in bytes.
  package var received: Int = 0
  package var sent: Int = 0
  /// `UpstreamNames.name`, the alias; nil if no route was found.
  package var route: String?
  package var provider: String?
  /// `UpstreamNames.url`
  package var upstream: String?
  /// The parts of the URL: `UpstreamNames.scheme`, `host`, `port`, `hostPort` and `address`.
  package var upstreamScheme: String?
  package var upstreamHost: String?
  package var upstreamPort: String?
  package var upstreamHostPort: String?
  package var upstreamAddress: String?
  /// ``RouteModel/ProxmoxLink/logName``, best computed once per route.
  package var guest: String?
  /// From the first byte of the request to the last one of the response, in microseconds.
  package var duration: Int64 = 0
  /// From sending the request to the upstream to the head of its response, in microseconds.
  package var upstreamDuration: Int64?

  package static let unknown = "-"

  package init(time: Int64, client: String, method: String, target: String, version: String, status: Int) {
    self.time = time
    self.client = client
    self.method = method
    self.target = target
    self.version = version
    self.status = status
  }
}

extension ProxmoxLink {
  /// The name of the linked guest or node in logs: `home/105 plex`, `home/pve1`; nil without a link.
  package var logName: String? {
    switch resource?.identity {
    case .node(let id): "\(id)"
    case .guest(let id, _, let name, _, _): name.map { "\(id) \($0)" } ?? "\(id)"
    case nil: nil
    }
  }
}
