/// The parts of a request that affect the response. Fields are as sent by the client, with repeated ones joined by
/// commas (RFC 9110 §5.3).
package struct FileRequest: Sendable {
  package var method: String
  /// In origin-form: an encoded path, and perhaps a query (RFC 9112 §3.2.1).
  package var target: String
  package var ifMatch: String?
  package var ifNoneMatch: String?
  package var ifModifiedSince: String?
  package var ifUnmodifiedSince: String?
  package var range: String?
  package var ifRange: String?

  package init(method: String, target: String) { (self.method, self.target) = (method, target) }
}
