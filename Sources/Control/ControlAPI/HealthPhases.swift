/// How long each phase of a probe took, in microseconds; null for one that did not take place, as on a connection that
/// was open already.
package struct HealthPhases: Codable, Hashable, Sendable {
  @ExplicitNull package var dns: Int64?
  @ExplicitNull package var connect: Int64?
  @ExplicitNull package var tls: Int64?
  /// From the request's last byte to the answer's first.
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
