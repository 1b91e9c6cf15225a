package import RouteModel

/// The state of a guest, for the proxies.
package struct GuestView: Hashable, Sendable {
  package var id: GuestID
  package var phase: GuestPhase
  /// As last reported by PVE.
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

/// The proxies: they are shown the state of guests, and asked when a guest was last used.
package protocol GuestClients: Sendable {
  /// When bytes of a client last moved; nil if none has.
  func lastUse(of guest: GuestID) -> ContinuousClock.Instant?
  /// Holds new clients back until the next ``show(_:)``: whether the guest is stopped is being decided.
  func close(_ guest: GuestID)
  func show(_ view: GuestView)
}
