import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
import RouteModel

/// Reads the addresses of a cluster's guests, one guest at a time on each node: a silent guest agent blocks one of the
/// node's three workers for 3 s, and a running pvescout agent uses the same nodes.
struct GuestSurvey: Sendable {
  let client: ProxmoxClient
  /// The maximum number of guests that are read.
  let limit: Int
  /// Guests that are read before all others.
  var wanted: Set<VMID> = []

  struct Result: Sendable {
    var observations: [GuestObservation]
    /// Without templates.
    var total: Int

    /// What was read, for the inventory.
    var readings: [(guest: GuestRead, reading: AddressReading)] {
      observations.compactMap { guest in
        let read = GuestRead(vmid: guest.vmid, node: guest.node, isQEMU: guest.isQEMU, isRunning: guest.isRunning)
        return guest.reading.map { (read, $0) }
      }
    }
  }

  /// - Parameter offline: nodes that cannot answer.
  func run(_ guests: [ClusterResources.Guest], offline: Set<String>) async -> Result {
    let all = guests.filter { !$0.isTemplate }.sorted { $0.vmid < $1.vmid }
    let first = all.filter { wanted.contains($0.vmid) }.prefix(limit)
    let asked = first + Self.sample(all.filter { !wanted.contains($0.vmid) }, limit - first.count)
    let byNode = Dictionary(grouping: asked, by: \.node)
    let reader = AddressReader(client: client)
    let observations = await withTaskGroup(of: [GuestObservation].self) { group in
      for (node, guests) in byNode {
        group.addTask { await Self.make(at: guests, reader, isOffline: offline.contains(node)) }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    return Result(observations: observations.sorted { $0.vmid < $1.vmid }, total: all.count)
  }

  private static func make(
    at guests: [ClusterResources.Guest], _ reader: AddressReader, isOffline: Bool
  ) async -> [GuestObservation] {
    var observations: [GuestObservation] = []
    for guest in guests {
      let status = GuestStatus(guest.status ?? "")
      let isUnreported = !isOffline && status == .unknown
      let read = GuestRead(
        vmid: guest.vmid, node: guest.node, isQEMU: guest.isQEMU, isRunning: status.isRunning || isUnreported)
      let reading = isOffline ? nil : await reader.read(read)
      observations.append(
        GuestObservation(
          vmid: guest.vmid, name: guest.name, node: guest.node, isQEMU: guest.isQEMU, isUnreported: isUnreported,
          isRunning: read.isRunning, reading: reading,
          outcome: reading.map(GuestObservation.Outcome.init) ?? .missing(.nodeUnreachable(""))))
    }
    return observations
  }

  /// Samples up to the limit, evenly from all.
  static func sample<Guest>(_ guests: [Guest], _ limit: Int) -> [Guest] {
    guard guests.count > limit else { return guests }
    guard limit > 0 else { return [] }
    return (0..<limit).map { guests[$0 * guests.count / limit] }
  }
}
