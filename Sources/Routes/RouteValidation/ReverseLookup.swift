package import ProxmoxInventory
package import RouteModel

/// The node-then-guest reverse lookup: which node or guest is behind a route's host and alias.
///
/// Pure: the same inventory, query and previous link give the same decision. Names are never resolved through DNS.
package struct ReverseLookup: Sendable {
  let inventory: InventorySnapshot

  package init(inventory: InventorySnapshot) { self.inventory = inventory }

  /// - Parameters:
  ///   - reference: an explicit link; it wins and never falls back to the keys.
  ///   - previous: the link before; it stays where nothing else decides and it is still among the matches.
  ///   - suggestsNames: whether the reason for no match names similar ones.
  package func link(
    reference: ProxmoxReference? = nil, query: LinkQuery, previous: LinkedResource? = nil, suggestsNames: Bool = false
  ) -> LinkDecision {
    if let reference { return link(to: reference) }
    if inventory.clusters.isEmpty {
      let reason = UnlinkedReason(.noCluster, "no cluster is configured: there is nothing to link to")
      return LinkDecision(link: .unlinked(reason), steps: [LinkStep(.inventory, .missed, reason.detail)])
    }
    var steps: [LinkStep] = []
    if let host = query.skippedHost {
      steps.append(LinkStep(.host, .skipped, "\(host) is this machine: only the alias can link"))
    }
    for candidates in [nodeCandidates(for: query), guestCandidates(for: query)] {
      for (step, matches) in candidates {
        guard !matches.isEmpty else {
          steps.append(LinkStep(step.subject, .missed, step.missed))
          continue
        }
        steps.append(
          LinkStep(step.subject, .matched, "\(step.value) is \(Self.listing(matches))"))
        let choice = choose(among: matches, previous: previous)
        return LinkDecision(link: choice.link, steps: steps + choice.steps)
      }
    }
    let reason = unmatched(query, previous: previous, suggestsNames: suggestsNames)
    return LinkDecision(link: .unlinked(reason), steps: steps + [LinkStep(.link, .missed, reason.detail)])
  }

  /// The link of a lookup by hand.
  package func link(host: String?, address: IPAddress?, alias: String?) -> LinkDecision {
    link(query: LinkQuery(host: host, address: address, alias: alias), suggestsNames: true)
  }
}
