package import RouteModel

/// The preferred addresses of a guest: `addresses:` in pvescout.yml.
///
/// A preference orders addresses and hides none. A nil property has no effect.
package struct AddressPreference: Hashable, Sendable {
  /// The interface's name in the guest (`eth1`) or the card's name in PVE (`net1`).
  package var interface: String?
  /// In order of preference.
  package var networks: [IPNetwork]?
  package var family: IPAddress.Family?

  package init(interface: String? = nil, networks: [IPNetwork]? = nil, family: IPAddress.Family? = nil) {
    (self.interface, self.networks, self.family) = (interface, networks, family)
  }

  /// Fills in the unset properties from another preference.
  func completed(by other: AddressPreference) -> AddressPreference {
    AddressPreference(
      interface: interface ?? other.interface, networks: networks ?? other.networks, family: family ?? other.family)
  }
}

/// The address preferences of a cluster: general ones, and those of single guests.
package struct AddressPreferences: Hashable, Sendable {
  package var general = AddressPreference()
  package var byVMID: [VMID: AddressPreference] = [:]
  /// Keyed by folded name.
  package var byName: [String: AddressPreference] = [:]

  package init() {}

  /// The preference for a guest: its own, by VMID before by name, completed by the general one.
  func preference(of vmid: VMID, named name: String?) -> AddressPreference {
    let own = byVMID[vmid] ?? name.flatMap { byName[HostName.fold($0)] }
    return own?.completed(by: general) ?? general
  }
}
