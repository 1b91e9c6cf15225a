package import RouteModel

/// The request of a client for a guest.
package struct WakeWish: Hashable, Sendable {
  package var guest: GuestID
  package var route: RouteID
  /// The client, what it asked for, and its program.
  package var client: String
  /// The guest should be up, and did not answer.
  package var isDoubt: Bool

  package init(guest: GuestID, route: RouteID, client: String, isDoubt: Bool = false) {
    (self.guest, self.route, self.client, self.isDoubt) = (guest, route, client, isDoubt)
  }
}
