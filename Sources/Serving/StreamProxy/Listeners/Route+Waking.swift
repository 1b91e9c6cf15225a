import RouteModel

extension Route {
  /// Whether its clients start the guest behind it.
  var wakesItsGuest: Bool { declaration.wake?.start == .onRequest }

  var wakeTimeout: Duration { declaration.wake?.wakeTimeout ?? WakePolicy().wakeTimeout }
}
