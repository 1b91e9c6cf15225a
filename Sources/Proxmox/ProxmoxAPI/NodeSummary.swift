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
