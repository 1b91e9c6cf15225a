package import RouteModel

/// Why a sound route is excluded: another one, or the proxy itself, has what only one can have.
package struct RouteConflict: Hashable, Sendable {
  package var code: UnlinkedReason.Code
  /// One sentence for a person.
  package var reason: String

  package init(_ code: UnlinkedReason.Code, _ reason: String) { (self.code, self.reason) = (code, reason) }
}
