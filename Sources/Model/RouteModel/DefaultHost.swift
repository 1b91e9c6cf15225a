/// `providers.default_host`: the host of a route that states none and matches no node or guest.
package enum DefaultHost: String, Sendable, CaseIterable {
  /// Such a route has no target.
  case none
  /// This machine.
  case localhost
}
