/// A network interface of a guest.
package struct SimulatedInterface: Hashable, Sendable {
  /// How the interface is declared in the guest's configuration.
  package enum Configured: String, Sendable {
    /// With its addresses in `netN`, or `ipconfigN` for a VM.
    case `static`
    case dhcp
    /// Not declared: the guest created it, such as `docker0` or `wg0`.
    case absent
  }

  package var name: String
  package var hardwareAddress: String
  /// With prefix length (`127.64.1.101/10`), in the order in which the guest reports them.
  package private(set) var addresses: [String]
  package var configured: Configured

  package init(
    name: String = "eth0", hardwareAddress: String = "bc:24:11:00:00:01", addresses: [String],
    configured: Configured = .static
  ) {
    self.name = name
    self.hardwareAddress = hardwareAddress
    self.addresses = addresses.map { $0.contains("/") ? $0 : $0 + ($0.contains(":") ? "/64" : "/10") }
    self.configured = configured
  }

  var ipv4: [String] { addresses.filter { !$0.contains(":") } }
  var ipv6: [String] { addresses.filter { $0.contains(":") } }

  /// The loopback interface of every running guest.
  static let loopback = SimulatedInterface(
    name: "lo", hardwareAddress: "00:00:00:00:00:00", addresses: ["127.0.0.1/8", "::1/128"], configured: .absent)
}
