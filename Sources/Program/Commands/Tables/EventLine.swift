package import ControlAPI
package import ControlClient
import FoundationEssentials

/// An event as one line: the local time, the event and its subject.
package enum EventLine {
  package static func render(_ event: ServerEvent, style: TableStyle) -> String {
    guard let data = try? event.decoded() else { return "\(event.event)  \(DisplayWidth.printable(event.data))\n" }
    return render(event.event, data, style: style)
  }

  package static func render(_ event: String, _ data: EventData, style: TableStyle) -> String {
    let (at, text) = text(data)
    let name = event.padding(to: 15)
    return
      "\(LocalClock.time(of: at))  \(style.usesColor ? TextColor.bold.paint(name) : name) \(DisplayWidth.printable(text))\n"
  }

  private static func why(_ reason: String?) -> String { reason.map { " (\($0))" } ?? "" }

  private static func text(_ data: EventData) -> (Date, String) {
    switch data {
    case .route(let event):
      (event.at, "\(event.route.key): \(event.route.target ?? "no target")")
    case .link(let event): (event.at, "\(event.key): \(link(event.before)) -> \(link(event.after))")
    case .health(let event):
      (event.at, "\(event.key): \(event.before.status) -> \(HealthText.cell(event.after).text)")
    case .guest(let event): (event.at, "\(event.cluster)/\(event.vmid): \(change(of: event))\(why(event.reason))")
    case .node(let event): (event.at, "\(event.cluster)/\(event.name): \(change(of: event))\(why(event.reason))")
    case .cluster(let event): (event.at, "\(event.cluster): \(text(event.before)) -> \(text(event.after))")
    case .control(let event):
      (
        event.at,
        "\(event.cluster)/\(event.vmid): \(event.control.state)" + (event.control.cause.map { " (\($0))" } ?? "")
      )
    case .reload(let event): (event.at, "generation \(event.generation), \(event.routes) routes")
    case .overflow(let event): (event.at, event.message)
    }
  }

  private static func link(_ link: LinkJSON) -> String { LinkText.cell(link, namesCluster: false).text }

  private static func change(of event: EventData.GuestEvent) -> String {
    switch (event.before, event.after) {
    case (let before?, let after?):
      "\(after.name ?? "-"): " + list(FieldChange.between(before, after))
    case (nil, let after?): "new: \(text(after))"
    case (let before, nil): "gone: \(before.map(text) ?? "-")"
    }
  }

  private static func change(of event: EventData.NodeEvent) -> String {
    switch (event.before, event.after) {
    case (let before?, let after?): list(FieldChange.between(before, after))
    case (nil, let after?): "new: \(text(after))"
    case (let before, nil): "gone: \(before.map(text) ?? "-")"
    }
  }

  private static func list(_ changes: [FieldChange]) -> String {
    changes.map { $0.text() }.joined(separator: ", ")
  }

  private static func text(_ guest: GuestJSON) -> String {
    "\(guest.name ?? "-") \(guest.status) on \(guest.node)" + (guest.addresses.first.map { " at \($0)" } ?? "")
  }

  private static func text(_ cluster: ClusterJSON) -> String {
    let state = cluster.asOf == nil ? "not read" : cluster.stale ? "stale" : "read"
    return state + (cluster.error.map { " (\($0))" } ?? "")
  }

  private static func text(_ node: NodeJSON) -> String {
    node.status + (node.addresses.first.map { " at \($0)" } ?? "")
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
