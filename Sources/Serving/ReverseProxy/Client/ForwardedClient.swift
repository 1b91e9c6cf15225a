import HTTPMessages
import RouteModel

extension ProxySettings {
  /// The address of the client: the peer, or if that is a trusted proxy, the last address in its forwarding fields that
  /// is no trusted proxy.
  ///
  /// Entries before one that is no address have an unknown author: the search ends there.
  func client(of fields: HeadFields, from peer: ClientPeer) -> String {
    peer.isTrusted ? client(in: ForwardingRecord(fields)) ?? peer.address : peer.address
  }

  /// The last address that is no trusted proxy; nil if the record has no address.
  func client(in record: ForwardingRecord) -> String? {
    var client: IPAddress?
    for entry in record.addresses.reversed() {
      guard let address = IPAddress(entry) else { break }
      client = address
      guard configuration.trustedProxies.contains(where: { $0.contains(address) }) else { break }
    }
    return client.map { "\($0)" }
  }
}

extension IPAddress {
  /// Parses an entry of X-Forwarded-For: an address, with the port that some proxies append (`192.0.2.1:80`,
  /// `[2001:db8::1]:80`).
  init?(forwarded entry: Substring) {
    guard !entry.utf8.contains(UInt8(ascii: "/")) else { return nil }
    var address = entry
    if let colon = entry.lastIndex(of: ":"), Self.isPort(entry[colon...].dropFirst()) {
      let host = entry[..<colon]
      if host.hasPrefix("[") ? host.hasSuffix("]") : !host.contains(":") { address = host }
    }
    self.init(address)
  }

  private static func isPort(_ text: Substring) -> Bool {
    (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}

extension Substring {
  var trimmingBlanks: Substring {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    var text = drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return text
  }
}
