import ProxmoxInventory
package import RouteModel

extension ReverseLookup {
  /// The link that a decision makes. One match links. Of several, the only running guest wins; if none runs, the
  /// previous link stays; else the link is ambiguous.
  ///
  /// - Parameter suggestsNames: whether the reason for no match names similar ones.
  package func link(
    of decision: LookupDecision, _ query: LinkQuery, previous: LinkedResource?, suggestsNames: Bool = false
  ) -> ProxmoxLink {
    guard let matched = decision.matched else {
      return .unlinked(unmatched(query, previous: previous, suggestsNames: suggestsNames))
    }
    if let only = inventory.only(of: matched.resources) { return .linked(resource(only, matched.key, query)) }
    let all = inventory.resources(of: matched.resources)
    let choice = choose(among: all, previous: previous)
    if let chosen = choice.chosen { return .linked(resource(chosen, matched.key, query)) }
    return .ambiguous(all.map { resource($0, matched.key, query) }, reason: choice.why)
  }

  /// The same decision as the steps that `explain` and `lookup` print.
  ///
  /// - Parameter link: the link of the same decision.
  package func steps(
    of decision: LookupDecision, _ query: LinkQuery, _ link: ProxmoxLink, previous: LinkedResource?
  ) -> [LinkStep] {
    if inventory.clusters.isEmpty { return [LinkStep(.inventory, .missed, link.unlinkedDetail)] }
    var steps: [LinkStep] = []
    if let host = query.skippedHost {
      steps.append(LinkStep(.host, .skipped, "\(host) is this machine: only the alias can link"))
    }
    for kind in [LookupDecision.Class.node, .guest] {
      for key in LookupKey.allCases where query.has(key) {
        guard let matched = decision.matched, matched.kind == kind, matched.key == key else {
          steps.append(missed(kind, key, query))
          continue
        }
        return steps + chosen(matched, query, previous: previous)
      }
    }
    return steps + [LinkStep(.link, .missed, link.unlinkedDetail)]
  }

  private func missed(_ kind: LookupDecision.Class, _ key: LookupKey, _ query: LinkQuery) -> LinkStep {
    let value = matchedText(key, query)
    let verb = query.address(key) == nil || key.match != .address ? "is named '\(value)'" : "has the address \(value)"
    return LinkStep(subject(kind, key), .missed, "no \(kind) \(verb)")
  }

  private func chosen(
    _ matched: LookupDecision.Match, _ query: LinkQuery, previous: LinkedResource?
  ) -> [LinkStep] {
    let all = inventory.resources(of: matched.resources).map { resource($0, matched.key, query) }
    let text = matchedText(matched.key, query)
    let value = matched.key.match == .address ? text : "'\(text)'"
    let found = LinkStep(subject(matched.kind, matched.key), .matched, "\(value) is \(Self.listing(all))")
    let choice = choose(among: all.map(\.identity), previous: previous)
    guard let chosen = choice.chosen else { return [found, LinkStep(.link, .ambiguous, choice.why)] }
    return [found, LinkStep(.link, .chosen, "\(resource(chosen, matched.key, query).summary): \(choice.why)")]
  }

  private func subject(_ kind: LookupDecision.Class, _ key: LookupKey) -> LinkStep.Subject {
    kind == .node ? .node(key.match) : .guest(key.match)
  }

  private func resource(_ identity: LinkedResource.Identity, _ key: LookupKey, _ query: LinkQuery) -> LinkedResource {
    LinkedResource(identity, matchedBy: key.match, matched: matchedText(key, query))
  }

  private func matchedText(_ key: LookupKey, _ query: LinkQuery) -> String {
    switch key {
    case .address, .literal: query.address(key)?.description ?? ""
    case .hostname, .alias: query.text(of: key) ?? ""
    }
  }
}

extension ProxmoxLink {
  fileprivate var unlinkedDetail: String {
    if case .unlinked(let reason) = self { reason.detail } else { "" }
  }
}
