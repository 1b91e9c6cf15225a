/// Which clients a route serves (`middlewares.cidr_whitelist`); the others are refused.
package struct ClientAllowance: Hashable, Sendable {
  package let networks: [IPNetwork]
  /// What a client that is refused is answered over HTTP.
  package var status: UInt16
  /// The text of that response; nil for the proxy's own.
  package var message: String?

  package init(networks: [IPNetwork], status: UInt16 = 403, message: String? = nil) {
    (self.networks, self.status, self.message) = (networks, status, message)
  }

  /// False for what is no address.
  package func admits(_ client: String) -> Bool {
    guard let address = IPAddress(client) else { return false }
    return networks.contains { $0.contains(address) }
  }
}

extension IPNetwork {
  /// A network in CIDR notation, or a single address; nil if the text is neither.
  package init?(orAddress text: String) {
    let address = text.contains("/") ? nil : IPAddress(text)
    self.init(address.map { "\($0)/\($0.family == .ipv4 ? 32 : 128)" } ?? text)
  }
}
