import JSONDocument

/// A `netN` of a container or `ipconfigN` of a VM: the addresses in its configuration.
package struct ConfiguredNetwork: Hashable, Sendable {
  /// N.
  package var index: Int
  /// The interface's name in the guest; nil for a VM, whose configuration does not have it.
  package var interface: String?
  package var hardwareAddress: String?
  /// Static addresses without prefix lengths, IPv4 first; none for `dhcp`, `auto` and `manual`.
  package var addresses: [String]

  /// Parses `name=eth0,bridge=vmbr0,hwaddr=BC:24:11:…,ip=192.0.2.5/24,ip6=auto`, and a VM's `virtio=BC:24:11:…`.
  init(index: Int, text: String) {
    self.index = index
    addresses = []
    var byFamily: [String: String] = [:]
    for part in text.split(separator: ",") {
      guard let equals = part.firstIndex(of: "=") else { continue }
      let value = String(part[part.index(after: equals)...])
      switch part[..<equals].drop(while: { $0 == " " }) {
      case "name": interface = value
      case "hwaddr", "macaddr": hardwareAddress = value
      case "ip": byFamily["ip"] = value
      case "ip6": byFamily["ip6"] = value
      // A VM's card is `MODEL=MAC`, with any model.
      case _ where value.count == 17 && value.allSatisfy({ $0.isHexDigit || $0 == ":" }): hardwareAddress = value
      default: continue
      }
    }
    addresses = ["ip", "ip6"].compactMap { byFamily[$0] }
      .filter { !["", "dhcp", "auto", "manual"].contains($0) }
      .map { String($0.prefix { $0 != "/" }) }
  }

  /// All numbered fields with that prefix, in order.
  static func all(_ prefix: String, in config: [String: JSONValue]) -> [ConfiguredNetwork] {
    config.compactMap { key, value in
      guard key.hasPrefix(prefix), let index = Int(key.dropFirst(prefix.count)), let text = value.string else {
        return nil
      }
      return ConfiguredNetwork(index: index, text: text)
    }
    .sorted { $0.index < $1.index }
  }
}
