import HTTPMessages
import RouteModel

extension ProxySettings {
  /// Who asked: the peer, or where that is a trusted proxy, the last one that it names which is none.
  ///
  /// What stands before an entry that no address can be read from was written by nobody who is known: whom the entries
  /// behind it name is as far as trust goes.
  func client(of fields: HeadFields, from peer: ClientPeer) -> String {
    peer.isTrusted ? client(in: ForwardingRecord(fields)) ?? peer.address : peer.address
  }

  /// The last one that a trusted proxy names which is no trusted proxy; nil if it names none.
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
  /// An entry of X-Forwarded-For: an address, with the port that some proxies write behind it (`192.0.2.1:80`,
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
