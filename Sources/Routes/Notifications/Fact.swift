import FoundationEssentials
import PrintableText
import RouteModel

/// A fact of a notice: `{{raw value}}` in a custom body, `PVESCOUT_RAW_VALUE` for a hook.
package enum Fact: String, CaseIterable, Sendable {
  /// `down`, `up` or `test`.
  case event
  /// One line: `plex is down`.
  case title
  /// The reason, then the target and the node or guest.
  case message
  case key, alias, provider
  /// The current health status and the previous one.
  case status, previous
  /// Why the route is, or was, down.
  case cause
  case detail, target
  /// When the status changed, as RFC 3339 in UTC.
  case since
  /// How long the route was down; only for `up`.
  case downSeconds = "down_seconds"
  case cluster, node
  /// The guest's VMID.
  case guest
  case guestName = "guest_name"

  /// The name of the environment variable for hooks.
  var variable: String { "PVESCOUT_\(rawValue.uppercased())" }

  /// Text without control characters, except for the numbers `down_seconds` and `guest`; `null` if there is no value.
  /// Only a message can have two lines.
  func value(of notice: Notice) -> JSONContent {
    guard case .string(let text) = rawValue(of: notice) else { return rawValue(of: notice) }
    return .string(self == .message ? PrintableText.lines(text) : PrintableText.line(text))
  }

  private func rawValue(of notice: Notice) -> JSONContent {
    let observation = notice.observation
    return switch self {
    case .event: .string(notice.event.rawValue)
    case .title: .string(notice.title)
    case .message: .string(notice.message)
    case .key: .string(observation.key)
    case .alias: .string(observation.id.alias.text)
    case .provider: .string(observation.id.provider.text)
    case .status: .string(observation.status.rawValue)
    case .previous: .string(observation.previous.rawValue)
    case .cause: .text(notice.event == .down ? observation.cause : notice.downtime?.cause)
    case .detail: .string(observation.detail)
    case .target: .text(observation.target)
    case .since: .string(observation.since.formatted(Date.ISO8601FormatStyle()))
    case .downSeconds: notice.downSeconds.map { .number(Double($0)) } ?? .null
    case .cluster: .text(observation.resource?.cluster)
    case .node: .text(observation.resource?.node.name)
    case .guest: observation.resource?.guest.map { .number(Double($0.vmid)) } ?? .null
    case .guestName: .text(observation.resource?.guestName)
    }
  }
}

extension LinkedResource {
  fileprivate var guestName: String? {
    if case .guest(_, _, let name, _, _) = identity { name } else { nil }
  }
}
