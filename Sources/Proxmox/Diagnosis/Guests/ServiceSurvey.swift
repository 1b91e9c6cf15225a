package import HTTPTransport
package import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
package import RouteModel

/// A guest that has the name of a well-known program and accepts connections on that program's usual port.
package struct FoundService: Hashable, Sendable {
  /// The alias that a route to it would have: the guest's name up to its first dot.
  package var alias: RouteAlias
  package var port: UInt16
  package var scheme: RouteScheme
  package var vmid: VMID
  /// Whether another guest has the name, too, so that the alias alone would not find this one.
  package var sharesItsName: Bool

  package init(alias: RouteAlias, port: UInt16, scheme: RouteScheme, vmid: VMID, sharesItsName: Bool = false) {
    (self.alias, self.port, self.scheme) = (alias, port, scheme)
    (self.vmid, self.sharesItsName) = (vmid, sharesItsName)
  }
}

/// Finds services to suggest routes for: tries running guests with well-known names, each at one address that PVE
/// reports and one port (``UsualPort``).
package struct ServiceSurvey: Sendable {
  /// No more guests are tried, and none after this time.
  private static let (limit, duration) = (200, Duration.seconds(30))
  private static let connectTimeout = Duration.seconds(2)

  private let client: ProxmoxClient
  private let http: HTTPClient
  private let allowsLoopback: Bool

  /// - Parameter allowsLoopback: `discovery.loopback_guests`.
  package init(client: ProxmoxClient, http: HTTPClient, allowsLoopback: Bool) {
    (self.client, self.http, self.allowsLoopback) = (client, http, allowsLoopback)
  }

  /// In the order of their aliases, each alias once.
  package func run() async throws(ProxmoxError) -> [FoundService] {
    let guests = try await client.resources().guests.filter { !$0.isTemplate }
    let names = Dictionary(grouping: guests.compactMap { $0.name.map(HostName.fold) }) { HostName.firstLabel($0) }
    let candidates = guests.sorted { $0.vmid < $1.vmid }.filter { $0.status == "running" }.compactMap { guest in
      Self.service(of: guest, sharingWith: names).map { (guest, $0) }
    }
    let byNode = Dictionary(grouping: candidates.prefix(Self.limit), by: \.0.node)
    let end = ContinuousClock.now + Self.duration
    let found = await withTaskGroup(of: [FoundService].self) { group in
      for guests in byNode.values { group.addTask { await answering(guests, until: end) } }
      return await group.reduce(into: []) { $0 += $1 }
    }
    var seen: Set<RouteAlias> = []
    return found.sorted { ($0.alias, $0.vmid) < ($1.alias, $1.vmid) }.filter { seen.insert($0.alias).inserted }
  }

  private static func service(
    of guest: ClusterResources.Guest, sharingWith names: [String: [String]]
  ) -> FoundService? {
    let label = HostName.firstLabel(HostName.fold(guest.name ?? ""))
    guard let alias = try? RouteAlias(label), let usual = UsualPort(of: alias, scheme: nil), usual.scheme != .tcp
    else { return nil }
    return FoundService(
      alias: alias, port: usual.port, scheme: usual.scheme, vmid: guest.vmid,
      sharesItsName: (names[label]?.count ?? 0) > 1)
  }

  /// One guest at a time on each node, as in ``GuestSurvey``.
  private func answering(
    _ candidates: [(ClusterResources.Guest, FoundService)], until end: ContinuousClock.Instant
  ) async -> [FoundService] {
    let reader = AddressReader(client: client)
    var found: [FoundService] = []
    for (guest, service) in candidates where .now < end {
      let read = GuestRead(vmid: guest.vmid, node: guest.node, isQEMU: guest.isQEMU, isRunning: true)
      guard let address = await reader.read(read).target(allowingLoopback: allowsLoopback) else { continue }
      let connected = try? await http.connect(
        host: "\(address)", port: service.port, timeout: Self.connectTimeout)
      if connected != nil { found.append(service) }
    }
    return found
  }
}
