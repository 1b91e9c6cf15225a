import HTTPTransport
import ProxmoxAPI
import RouteModel

/// The facts about one node, and whether it can be reached through the endpoint.
struct NodeObservation: Sendable {
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

  static func make(
    at node: NodeSummary, member: ClusterStatus.Member?, client: ProxmoxClient
  ) async -> NodeObservation {
    var observation = NodeObservation(name: node.name, status: node.status ?? "unknown")
    observation.addresses = [member?.address].compactMap(\.self).compactMap { IPAddress($0) }
    guard observation.status != "offline" else { return observation }
    do throws(ProxmoxError) {
      let interfaces = try await client.network(node: node.name)
      observation.network = .success(interfaces)
      for address in interfaces.flatMap(\.addresses).compactMap({ IPAddress($0) })
      where !observation.addresses.contains(address) && !address.isLocalhost {
        observation.addresses.append(address)
      }
      let before = EndpointObservation.clock()
      if let clock = try? await client.clock(node: node.name) {
        observation.clockOffset = clock - (before + EndpointObservation.clock()) / 2
      }
    } catch {
      observation.network = .failure(error)
    }
    return observation
  }
}
