/// The duration of each phase of a probe in microseconds; null for a phase that did not occur, as on an open
/// connection.
package struct HealthPhases: Codable, Hashable, Sendable {
  @ExplicitNull package var dns: Int64?
  @ExplicitNull package var connect: Int64?
  @ExplicitNull package var tls: Int64?
  /// From the last byte of the request to the first byte of the response.
  @ExplicitNull package var firstByte: Int64?

  package init(dns: Int64? = nil, connect: Int64? = nil, tls: Int64? = nil, firstByte: Int64? = nil) {
    self.dns = dns
    self.connect = connect
    self.tls = tls
    self.firstByte = firstByte
  }

  private enum CodingKeys: String, CodingKey {
    case dns, connect, tls
    case firstByte = "first_byte"
  }
}
