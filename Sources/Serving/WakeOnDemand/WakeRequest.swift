package import RouteModel

/// The request of a client for a guest.
package struct WakeRequest: Hashable, Sendable {
  package var guest: GuestID
  package var route: RouteID
  /// The client's address, its request and its program, for the log.
  package var client: String
  /// The guest should be up and did not answer.
  package var isUnreachable: Bool

  package init(guest: GuestID, route: RouteID, client: String, isUnreachable: Bool = false) {
    (self.guest, self.route, self.client, self.isUnreachable) = (guest, route, client, isUnreachable)
  }
}
