import ProxmoxDiscovery
import RouteModel
import YAMLDocument

/// Reads `addresses:` and `guests:` of a cluster: the preferred addresses of its guests.
struct PreferenceReader {
  let entry: YAMLMapping
  let context: ConfigurationContext

  private enum Family: String, CaseIterable {
    case ipv4, ipv6
    var family: IPAddress.Family { self == .ipv4 ? .ipv4 : .ipv6 }
  }

  func read() -> AddressPreferences {
    var preferences = AddressPreferences()
    preferences.general = entry.mapping("addresses") { preference($0) } ?? AddressPreference()
    guard let guests = entry.node("guests") else { return preferences }
    guard let entries = guests.entries else {
      context.reader.report("guests must be a mapping of VMIDs or names, found \(guests.kind)", at: guests.position)
      return preferences
    }
    for guest in entries { read(guest, into: &preferences) }
    return preferences
  }

  private func read(_ guest: YAMLEntry, into preferences: inout AddressPreferences) {
    let read = context.reader.mapping(guest.value, "guest '\(guest.key)'") { mapping in
      mapping.reportMissing("addresses", ", such as {interface: eth1}")
      return mapping.mapping("addresses") { preference($0) } ?? nil
    }
    guard let preference = read ?? nil else { return }
    if let vmid = Int(guest.key) {
      preferences.byVMID[vmid] = preference
    } else {
      preferences.byName[HostName.fold(guest.key)] = preference
    }
  }

  private func preference(_ section: YAMLMapping) -> AddressPreference {
    AddressPreference(
      interface: section.value("interface", "the name of an interface, such as eth1 or net1") {
        $0.isEmpty || $0.contains(where: \.isWhitespace) ? nil : $0
      },
      networks: section.strings("cidr").map { $0.compactMap(network) },
      family: section.choice("family", Family.self)?.family)
  }

  private func network(_ text: YAMLText) -> IPNetwork? {
    let network = IPNetwork(text.value)
    if network == nil {
      context.reader.report(
        "an entry of cidr must be a network such as 10.0.0.0/8 or fd00::/8, found '\(text.written)'", at: text.position)
    }
    return network
  }
}
