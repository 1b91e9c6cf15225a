import ControlAPI
import FoundationEssentials
import ProxmoxInventory
import RouteRegistry

extension Handlers {
  func clusters(_ request: APIRequest) throws -> Response {
    let inventory = agent.inventory
    return try .json(
      ClusterList(
        generation: agent.registry.generation, clusters: inventory.clusters.map { ControlAPI.Cluster($0.summary) }))
  }

  func nodes(_ request: APIRequest) throws -> Response {
    let inventory = agent.inventory
    return try .json(
      NodeList(
        generation: agent.registry.generation, nodes: inventory.clusters.flatMap(\.nodes).map(ControlAPI.Node.init)))
  }

  func guests(_ request: APIRequest) throws -> Response {
    let inventory = agent.inventory
    return try .json(
      GuestList(
        generation: agent.registry.generation, guests: inventory.clusters.flatMap(\.guests).map(ControlAPI.Guest.init)))
  }
}
