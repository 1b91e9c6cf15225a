package import JSONDocument

/// The durations of a probe's phases, in microseconds; null for a phase that did not take place, as on an open
/// connection.
package struct HealthPhases: Decodable, Hashable, Sendable {
  package var dns: Int64?
  package var connect: Int64?
  package var tls: Int64?
  /// From the request's last byte to the answer's first.
  package var firstByte: Int64?

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

extension HealthPhases: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.connect, connect)
    json.field(CodingKeys.dns, dns)
    json.field(CodingKeys.firstByte, firstByte)
    json.field(CodingKeys.tls, tls)
    json.endObject()
  }
}
