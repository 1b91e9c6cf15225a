package import RouteModel

/// Which of several addresses a guest should be reached at: `addresses:` in pvescout.yml.
///
/// A preference orders; it hides nothing. What is left nil has no say.
package struct AddressPreference: Hashable, Sendable {
  /// The guest's own name of the interface (`eth1`), or PVE's of the card (`net1`).
  package var interface: String?
  /// The first of them counts most.
  package var networks: [IPNetwork]?
  package var family: IPAddress.Family?

  package init(interface: String? = nil, networks: [IPNetwork]? = nil, family: IPAddress.Family? = nil) {
    (self.interface, self.networks, self.family) = (interface, networks, family)
  }

  /// With what this one leaves open taken from another.
  func completed(by other: AddressPreference) -> AddressPreference {
    AddressPreference(
      interface: interface ?? other.interface, networks: networks ?? other.networks, family: family ?? other.family)
  }
}

/// The preferences of a cluster: for all its guests, and for some of them.
package struct AddressPreferences: Hashable, Sendable {
  package var general = AddressPreference()
  package var byVMID: [VMID: AddressPreference] = [:]
  /// By folded name.
  package var byName: [String: AddressPreference] = [:]

  package init() {}

  /// What holds for a guest: its own, by number before by name, and the cluster's where it states nothing.
  func preference(of vmid: VMID, named name: String?) -> AddressPreference {
    let own = byVMID[vmid] ?? name.flatMap { byName[HostName.fold($0)] }
    return own?.completed(by: general) ?? general
  }
}
