package import RouteModel

/// How a guest is, for whoever serves its clients.
package struct GuestView: Hashable, Sendable {
  package var id: GuestID
  package var phase: GuestPhase
  /// PVE's last word.
  package var isRunning: Bool
  /// Nothing is known of it yet.
  package var isUnknown: Bool
  /// It is stopped, and a request starts it.
  package var isNapping: Bool

  init(_ machine: GuestMachine) {
    (id, phase) = (machine.id, machine.phase)
    (isRunning, isUnknown) = (machine.facts?.status.isRunning ?? false, machine.facts == nil)
    isNapping =
      machine.phase == .stopped && machine.facts?.status == .stopped && machine.plan?.start == .onRequest
      && machine.plan?.isAllowed == true
  }
}

/// Whoever serves the clients of guests: shown how they are, and asked when they were last used.
package protocol GuestClients: Sendable {
  /// When bytes of a client last moved; nil if none has.
  func lastUse(of guest: GuestID) -> ContinuousClock.Instant?
  /// Holds new clients back until the next ``show(_:)``: whether the guest is stopped is being decided.
  func close(_ guest: GuestID)
  func show(_ view: GuestView)
}
