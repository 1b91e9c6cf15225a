import JSONDocument
package import PeerTrust

/// One entry of `GET /nodes`.
package struct NodeSummary: Hashable, Sendable {
  package var name: String
  /// `online`, `offline` or `unknown`.
  package var status: String?
  /// Of the node's web certificate.
  package var sslFingerprint: CertificateFingerprint?

  init?(_ entry: JSONValue) {
    guard let name = entry["node"].nonEmptyString else { return nil }
    self.name = name
    status = entry["status"].nonEmptyString
    sslFingerprint = entry["ssl_fingerprint"].nonEmptyString.flatMap { CertificateFingerprint($0) }
  }
}

/// One entry of `GET /nodes/{n}/network`: the content of /etc/network/interfaces, without addresses from DHCP.
package struct NodeInterface: Hashable, Sendable {
  /// `vmbr0`.
  package var name: String
  /// `bridge`, `eth`, `bond`, `vlan`, …
  package var type: String?
  /// IPv4 first, without prefix lengths.
  package var addresses: [String]

  init?(_ entry: JSONValue) {
    guard let name = entry["iface"].nonEmptyString else { return nil }
    self.name = name
    type = entry["type"].nonEmptyString
    addresses = [("address", "cidr"), ("address6", "cidr6")].compactMap { key, cidr in
      (entry[key].nonEmptyString ?? entry[cidr].nonEmptyString).map { String($0.prefix { $0 != "/" }) }
    }
  }
}
