package import RouteModel

/// The answer of the lookup, with the way to it.
package struct LinkDecision: Sendable {
  package var link: ProxmoxLink
  package var steps: [LinkStep]
  package init(link: ProxmoxLink, steps: [LinkStep]) { (self.link, self.steps) = (link, steps) }
}
