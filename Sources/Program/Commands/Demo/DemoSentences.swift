import ControlAPI

/// Describes the agent's events in plain words.
struct DemoSentences {
  struct Sentence: Hashable, Sendable {
    /// The subject: `route`, `health`, `guest`, `node` or `agent`.
    var subject: String
    var text: String
  }

  /// The routes as last described, by key.
  private var routes: [String: RouteJSON]

  init(_ routes: [RouteJSON]) {
    self.routes = Dictionary(routes.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
  }

  mutating func sentences(for event: EventData) -> [Sentence] {
    switch event {
    case .route(let event): changes(of: event.route)
    case .link(let event): linkChange(event)
    case .health(let event): [Sentence(subject: "health", text: Self.text(of: event))]
    case .guest(let event):
      Self.changes(from: event.before, to: event.after).map {
        Sentence(subject: "guest", text: "\(event.vmid) \((event.after ?? event.before)?.name ?? ""): \($0)")
      }
    case .node(let event):
      [
        Sentence(
          subject: "node", text: "\(event.name): \(event.before?.status ?? "new") → \(event.after?.status ?? "gone")")
      ]
    // The simulated cluster has no problems, and the agent starts and stops nothing in it.
    case .cluster, .control: []
    case .reload: [Sentence(subject: "agent", text: "read its route files again")]
    case .overflow(let event): [Sentence(subject: "agent", text: event.message)]
    }
  }

  private mutating func changes(of route: RouteJSON) -> [Sentence] {
    defer { routes[route.key] = route }
    guard let before = routes[route.key], before.target != route.target else { return [] }
    let text = "\(route.alias): target \(before.target ?? "none") → \(route.target ?? "none")"
    return [Sentence(subject: "route", text: text)]
  }

  private mutating func linkChange(_ event: EventData.LinkEvent) -> [Sentence] {
    routes[event.key]?.link = event.after
    guard routes[event.key]?.pool != "excluded" else { return [] }
    let (before, after) = (Self.text(of: event.before), Self.text(of: event.after))
    guard before != after else { return [] }
    return [Sentence(subject: "route", text: "\(event.alias): linked to \(after) (was \(before))")]
  }

  private static func text(of link: LinkJSON) -> String {
    link.resource.map { LinkText.text($0, namesCluster: false) } ?? link.state
  }

  private static func text(of event: EventData.HealthEvent) -> String {
    let why = event.after.status == "healthy" ? "" : " (\(event.cause ?? event.after.detail))"
    return "\(event.alias): \(event.before.status) → \(event.after.status)\(why)"
  }

  private static func changes(from before: GuestJSON?, to after: GuestJSON?) -> [String] {
    guard let before else { return ["new in the cluster"] }
    guard let after else { return ["gone from the cluster"] }
    return FieldChange.between(before, after).map { $0.text(arrow: "→") }
  }
}
