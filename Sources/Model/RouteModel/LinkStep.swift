/// One step of linking a route, as printed by `explain` and `lookup`.
package struct LinkStep: Hashable, Sendable {
  /// The subject of the step.
  package enum Subject: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    case explicit, inventory, host, link, port, target, access, validate, listen, control
    case nodeAddress, nodeHostname, nodeAlias
    case guestAddress, guestHostname, guestAlias

    package static func node(_ key: LinkedResource.MatchKey) -> Subject {
      switch key {
      case .explicit: .explicit
      case .address: .nodeAddress
      case .hostname: .nodeHostname
      case .alias: .nodeAlias
      }
    }

    package static func guest(_ key: LinkedResource.MatchKey) -> Subject {
      switch key {
      case .explicit: .explicit
      case .address: .guestAddress
      case .hostname: .guestHostname
      case .alias: .guestAlias
      }
    }

    /// The name in the socket's API.
    package var description: String {
      switch self {
      case .explicit: "explicit"
      case .inventory: "inventory"
      case .host: "host"
      case .link: "link"
      case .port: "port"
      case .target: "target"
      case .access: "access"
      case .validate: "validate"
      case .listen: "listen"
      case .control: "control"
      case .nodeAddress: "node.address"
      case .nodeHostname: "node.hostname"
      case .nodeAlias: "node.alias"
      case .guestAddress: "guest.address"
      case .guestHostname: "guest.hostname"
      case .guestAlias: "guest.alias"
      }
    }
  }

  /// The result of a step. The names are those of the socket's API.
  package enum Outcome: UInt8, Sendable, CaseIterable {
    case matched, missed, skipped, chosen, ambiguous, failed, info
  }

  package var subject: Subject
  package var outcome: Outcome
  /// One sentence for a person.
  package var detail: String

  package init(_ subject: Subject, _ outcome: Outcome, _ detail: String) {
    (self.subject, self.outcome, self.detail) = (subject, outcome, detail)
  }
}
