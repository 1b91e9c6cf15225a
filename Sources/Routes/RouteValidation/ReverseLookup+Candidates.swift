import ProxmoxInventory
import RouteModel

/// One key tried in one class.
struct LookupStep: Sendable {
  var subject: LinkStep.Subject
  /// What was looked for.
  var value: String
  var missed: String
}

extension ReverseLookup {
  typealias Candidates = LazyMapSequence<[() -> (LookupStep, [LinkedResource])], (LookupStep, [LinkedResource])>

  /// Each key of the query in the order of its strength; evaluated only as far as it is read.
  func nodeCandidates(for query: LinkQuery) -> Candidates {
    candidates(
      for: query, of: "node", as: LinkStep.Subject.node,
      byAddress: { address in
        inventory.nodes(withAddress: address).map { .node($0, matchedBy: .address, matched: "\(address)") }
      },
      byName: { name, key, match in
        inventory.nodes(named: name, by: match).map { .node($0, matchedBy: key, matched: name) }
      })
  }

  func guestCandidates(for query: LinkQuery) -> Candidates {
    candidates(
      for: query, of: "guest", as: LinkStep.Subject.guest,
      byAddress: { address in
        inventory.guests(withAddress: address).map { .guest($0, matchedBy: .address, matched: "\(address)") }
      },
      byName: { name, key, match in
        inventory.guests(named: name, by: match).map { .guest($0, matchedBy: key, matched: name) }
      })
  }

  private func candidates(
    for query: LinkQuery, of kind: String, as subject: @escaping (LinkedResource.MatchKey) -> LinkStep.Subject,
    byAddress: @escaping (IPAddress) -> [LinkedResource],
    byName: @escaping (String, LinkedResource.MatchKey, InventorySnapshot.NameMatch) -> [LinkedResource]
  ) -> Candidates {
    let addresses = query.addresses.map { address in
      {
        (
          LookupStep(subject: subject(.address), value: "\(address)", missed: "no \(kind) has the address \(address)"),
          byAddress(address)
        )
      }
    }
    let names = names(of: query).map { name, key in
      {
        // A full match outranks one by first label.
        let full = byName(name, key, .full)
        return (
          LookupStep(subject: subject(key), value: "'\(name)'", missed: "no \(kind) is named '\(name)'"),
          full.isEmpty ? byName(name, key, .firstLabel) : full
        )
      }
    }
    return (addresses + names).lazy.map { $0() }
  }

  private func names(of query: LinkQuery) -> [(String, LinkedResource.MatchKey)] {
    [query.hostname.map { ($0, .hostname) }, query.alias.map { ($0, .alias) }].compactMap { $0 }
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
