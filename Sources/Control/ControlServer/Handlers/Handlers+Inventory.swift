import ControlAPI
import FoundationEssentials
import JSONDocument
import ProxmoxInventory
import RouteRegistry

extension Handlers {
  func clusters(_ request: APIRequest) -> Response {
    .json(
      ClusterList(
        generation: agent.registry.generation, clusters: agent.inventory.clusters.map { ClusterJSON($0.summary) }
      ))
  }

  func nodes(_ request: APIRequest) -> Response {
    list({ NodeList.begin(&$0, generation: $1) }, of: \.nodes) { NodeJSON($0).write(to: &$1) }
  }

  func guests(_ request: APIRequest) throws -> Response {
    let filter = try GuestFilter(request.query)
    return list({ GuestList.begin(&$0, generation: $1) }, of: \.guests) {
      if filter.includes($0) { GuestJSON($0).write(to: &$1) }
    }
  }

  /// The elements of all clusters in one list.
  private func list<Element: Sendable>(
    _ begin: @escaping @Sendable (inout JSONWriter, _ generation: UInt64) -> Void,
    of elements: (ClusterSnapshot) -> [Element], _ write: @escaping @Sendable (Element, inout JSONWriter) -> Void
  ) -> Response {
    let generation = agent.registry.generation
    let lists = agent.inventory.clusters.map(elements).map { elements in
      PartedBody<JSONWriter>.Part(count: elements.count) { write(elements[$0], &$1) }
    }
    return .json(
      [.init { begin(&$0, generation) }] + lists
        + [
          .init {
            $0.endArray()
            $0.endObject()
          }
        ])
  }
}
