package import ProxmoxInventory
package import RouteModel

extension ReverseLookup {
  /// The link for a decision. One match links. Of several, the only running guest is linked; if none runs, the previous
  /// link remains; else the link is ambiguous.
  ///
  /// - Parameter suggestsNames: whether the reason for no match contains similar names.
  package func link(
    of decision: LookupDecision, host: String?, alias: String?, previous: LinkedResource?,
    suggestsNames: Bool = false
  ) -> ProxmoxLink {
    guard !decision.isMiss else {
      let query = LinkQuery(host: host, alias: alias, keys: decision.keys)
      return .unlinked(unmatched(query, previous: previous, suggestsNames: suggestsNames))
    }
    let text = LinkQuery.text(of: decision, host: host, alias: alias)
    if let only = inventory.only(of: decision.resources) { return .linked(resource(only, decision, text)) }
    let all = inventory.resources(of: decision.resources)
    let choice = choose(among: all, previous: previous)
    if let chosen = choice.chosen { return .linked(resource(chosen, decision, text)) }
    return .ambiguous(all.map { resource($0, decision, text) }, reason: choice.why)
  }

  /// The same decision as the steps that `explain` and `lookup` print.
  ///
  /// - Parameters:
  ///   - query: the query of the decision.
  ///   - link: the link of the decision.
  func steps(
    of decision: LookupDecision, _ query: LinkQuery, _ link: ProxmoxLink, previous: LinkedResource?
  ) -> [LinkStep] {
    if inventory.clusters.isEmpty { return [LinkStep(.inventory, .missed, link.unlinkedDetail)] }
    var steps: [LinkStep] = []
    if let host = query.skippedHost {
      steps.append(LinkStep(.host, .skipped, "\(host) is this machine: only the alias can link"))
    }
    for kind in [LookupDecision.Class.node, .guest] {
      for key in LookupKey.allCases where query.keys.has(key) {
        guard !decision.isMiss, decision.kind == kind, decision.key == key else {
          steps.append(missed(kind, key, query))
          continue
        }
        return steps + chosen(decision, query, previous: previous)
      }
    }
    return steps + [LinkStep(.link, .missed, link.unlinkedDetail)]
  }

  private func missed(_ kind: LookupDecision.Class, _ key: LookupKey, _ query: LinkQuery) -> LinkStep {
    let value = query.text(of: key)
    let verb = key.match == .address ? "has the address \(value)" : "is named '\(value)'"
    return LinkStep(subject(kind, key), .missed, "no \(kind) \(verb)")
  }

  private func chosen(
    _ matched: LookupDecision, _ query: LinkQuery, previous: LinkedResource?
  ) -> [LinkStep] {
    let text = query.text(of: matched.key)
    let all = inventory.resources(of: matched.resources).map { resource($0, matched, text) }
    let value = matched.key.match == .address ? text : "'\(text)'"
    let found = LinkStep(subject(matched.kind, matched.key), .matched, "\(value) is \(Self.listing(all))")
    let choice = choose(among: all.map(\.identity), previous: previous)
    guard let chosen = choice.chosen else { return [found, LinkStep(.link, .ambiguous, choice.why)] }
    return [found, LinkStep(.link, .chosen, "\(chosen.summary): \(choice.why)")]
  }

  private func subject(_ kind: LookupDecision.Class, _ key: LookupKey) -> LinkStep.Subject {
    kind == .node ? .node(key.match) : .guest(key.match)
  }

  private func resource(
    _ identity: LinkedResource.Identity, _ decision: LookupDecision, _ text: String
  ) -> LinkedResource {
    LinkedResource(identity, matchedBy: decision.key.match, matched: text)
  }
}

extension ProxmoxLink {
  fileprivate var unlinkedDetail: String {
    if case .unlinked(let reason) = self { reason.detail } else { "" }
  }
}
