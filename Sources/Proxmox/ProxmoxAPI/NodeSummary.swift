import JSONDocument

/// One entry of `GET /nodes`.
package struct NodeSummary: Hashable, Sendable {
  package var name: String
  /// `online`, `offline` or `unknown`.
  package var status: String?
  /// SHA-256 of the node's web certificate in upper-case hex with colons.
  package var sslFingerprint: String?

  init?(_ entry: JSONValue) {
    guard let name = entry["node"].nonEmptyString else { return nil }
    self.name = name
    status = entry["status"].nonEmptyString
    sslFingerprint = entry["ssl_fingerprint"].nonEmptyString
  }
}
