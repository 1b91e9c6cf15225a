package import RouteModel

/// The state of a guest, for the proxies.
package struct GuestView: Hashable, Sendable {
  package var id: GuestID
  package var phase: GuestPhase
  /// Whether the guest runs, as last reported by PVE.
  package var isRunning: Bool
  /// Whether nothing is known of the guest yet.
  package var isUnknown: Bool
  /// Whether the guest is stopped and started by a request.
  package var isNapping: Bool

  init(_ machine: GuestMachine) {
    (id, phase) = (machine.id, machine.phase)
    (isRunning, isUnknown) = (machine.facts?.status.isRunning ?? false, machine.facts == nil)
    isNapping =
      machine.phase == .stopped && machine.facts?.status == .stopped && machine.plan?.start == .onRequest
      && machine.plan?.isAllowed == true
  }
}

/// The proxies, as the receivers of guest states and the source of the last use of a guest.
package protocol GuestClients: Sendable {
  /// When bytes of a client were last transferred; nil if never.
  func lastUse(of guest: GuestID) -> ContinuousClock.Instant?
  /// Holds new clients back until the next ``show(_:)``, while the agent decides whether to stop the guest.
  func close(_ guest: GuestID)
  func show(_ view: GuestView)
}
