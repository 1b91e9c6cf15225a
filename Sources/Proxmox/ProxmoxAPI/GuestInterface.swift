import JSONDocument

/// A network interface as a guest reports it: LXC `interfaces` in both forms, and the QEMU guest agent.
package struct GuestInterface: Hashable, Sendable {
  /// `eth0`; `Ethernet` on Windows.
  package var name: String
  /// In PVE's upper or lower case.
  package var hardwareAddress: String?
  /// Without prefix lengths, in PVE's order.
  package var addresses: [String]

  package init(name: String, hardwareAddress: String? = nil, addresses: [String] = []) {
    (self.name, self.hardwareAddress, self.addresses) = (name, hardwareAddress, addresses)
  }

  init?(_ entry: JSONValue) {
    guard let name = entry["name"].nonEmptyString else { return nil }
    self.name = name
    hardwareAddress = entry["hardware-address"].nonEmptyString ?? entry["hwaddr"].nonEmptyString
    // Since pve-container 5.2.6, `ip-addresses` has all; before, `inet` and `inet6` have the last of each family.
    if let listed = entry["ip-addresses"].array {
      addresses = listed.compactMap { $0["ip-address"].nonEmptyString }
    } else {
      addresses = ["inet", "inet6"].compactMap { entry[$0].nonEmptyString }
    }
    addresses = addresses.map { String($0.prefix { $0 != "/" }) }
  }
}
