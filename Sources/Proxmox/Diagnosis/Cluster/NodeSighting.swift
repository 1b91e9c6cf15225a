import HTTPTransport
import ProxmoxAPI
import RouteModel

/// The facts about one node, and whether it can be reached through the endpoint.
struct NodeSighting: Sendable {
  var name: String
  /// `online`, `offline`, `unknown`.
  var status: String
  /// The address known to the cluster and those of the node's interfaces.
  var addresses: [IPAddress] = []
  /// The node's interfaces, or why they cannot be read; nil if the node is offline.
  var network: Result<[NodeInterface], ProxmoxError>?
  /// How far the node's clock is ahead of the agent's, in seconds; nil if it is not known.
  var clockOffset: Int?

  /// Why the node's network cannot be read; nil if it can, or was not read.
  var error: ProxmoxError? {
    if case .failure(let error) = network { error } else { nil }
  }

  static func look(
    at node: NodeSummary, member: ClusterStatus.Member?, client: ProxmoxClient
  ) async -> NodeSighting {
    var sighting = NodeSighting(name: node.name, status: node.status ?? "unknown")
    sighting.addresses = [member?.address].compactMap(\.self).compactMap { IPAddress($0) }
    guard sighting.status != "offline" else { return sighting }
    do throws(ProxmoxError) {
      let interfaces = try await client.network(node: node.name)
      sighting.network = .success(interfaces)
      for address in interfaces.flatMap(\.addresses).compactMap({ IPAddress($0) })
      where !sighting.addresses.contains(address) && !address.isLocalhost {
        sighting.addresses.append(address)
      }
      let before = EndpointSighting.clock()
      if let clock = try? await client.clock(node: node.name) {
        sighting.clockOffset = clock - (before + EndpointSighting.clock()) / 2
      }
    } catch {
      sighting.network = .failure(error)
    }
    return sighting
  }
}
