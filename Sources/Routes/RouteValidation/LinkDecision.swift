package import RouteModel

/// The result of the lookup, with its steps.
package struct LinkDecision: Sendable {
  package var link: ProxmoxLink
  package var steps: [LinkStep]
  package init(link: ProxmoxLink, steps: [LinkStep]) { (self.link, self.steps) = (link, steps) }
}
