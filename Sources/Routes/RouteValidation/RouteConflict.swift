package import RouteModel

/// Why a valid route is excluded: another one, or the proxy itself, has its alias or address.
package struct RouteConflict: Hashable, Sendable {
  package var code: UnlinkedReason.Code
  /// One sentence for people.
  package var reason: String

  package init(_ code: UnlinkedReason.Code, _ reason: String) { (self.code, self.reason) = (code, reason) }
}
