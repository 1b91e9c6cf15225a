import ProxmoxInventory
import RouteModel

/// One key tried in one class.
struct LookupStep: Sendable {
  var name: String
  /// What was looked for.
  var value: String
  var missed: String
}

extension ReverseLookup {
  typealias Candidates = LazyMapSequence<[() -> (LookupStep, [LinkedResource])], (LookupStep, [LinkedResource])>

  /// Each key of the query in the order of its strength; evaluated only as far as it is read.
  func nodeCandidates(for query: LinkQuery) -> Candidates {
    var steps: [() -> (LookupStep, [LinkedResource])] = []
    for address in query.addresses {
      steps.append {
        (
          LookupStep(name: "node.address", value: "\(address)", missed: "no node has the address \(address)"),
          inventory.nodes(withAddress: address).map { .node($0, matchedBy: .address, matched: "\(address)") }
        )
      }
    }
    for (name, key) in names(of: query) {
      steps.append {
        (
          LookupStep(name: "node.\(key)", value: "'\(name)'", missed: "no node is named '\(name)'"),
          byName { inventory.nodes(named: name, by: $0) }.map { .node($0, matchedBy: key, matched: name) }
        )
      }
    }
    return steps.lazy.map { $0() }
  }

  func guestCandidates(for query: LinkQuery) -> Candidates {
    var steps: [() -> (LookupStep, [LinkedResource])] = []
    for address in query.addresses {
      steps.append {
        (
          LookupStep(name: "guest.address", value: "\(address)", missed: "no guest has the address \(address)"),
          inventory.guests(withAddress: address).map { .guest($0, matchedBy: .address, matched: "\(address)") }
        )
      }
    }
    for (name, key) in names(of: query) {
      steps.append {
        (
          LookupStep(name: "guest.\(key)", value: "'\(name)'", missed: "no guest is named '\(name)'"),
          byName { inventory.guests(named: name, by: $0) }.map { .guest($0, matchedBy: key, matched: name) }
        )
      }
    }
    return steps.lazy.map { $0() }
  }

  private func names(of query: LinkQuery) -> [(String, LinkedResource.MatchKey)] {
    [query.hostname.map { ($0, .hostname) }, query.alias.map { ($0, .alias) }].compactMap { $0 }
  }

  /// A full match outranks one by first label.
  private func byName<Found>(_ find: (InventorySnapshot.NameMatch) -> [Found]) -> [Found] {
    let full = find(.full)
    return full.isEmpty ? find(.firstLabel) : full
  }
}

extension LinkedResource {
  static func node(_ node: Node, matchedBy key: MatchKey, matched: String) -> LinkedResource {
    LinkedResource(.node(node.id), matchedBy: key, matched: matched)
  }

  static func guest(_ guest: Guest, matchedBy key: MatchKey, matched: String) -> LinkedResource {
    LinkedResource(
      .guest(guest.id, node: guest.node, name: guest.name, type: guest.type, status: guest.status), matchedBy: key,
      matched: matched)
  }
}
