package import RouteModel

/// An entry of `notify:`: who is told, and of what.
package struct NotificationEntry: Hashable, Sendable {
  package enum Channel: Hashable, Sendable {
    case webhook(Webhook)
    case exec(ExecHook)
  }

  /// A label, unique.
  package var name: String
  package var channel: Channel
  package var selection: RouteSelection
  /// Whether it is told, too, that a route was found up for the first time.
  package var tellsFirstUp: Bool
  /// Whether it is told, too, of a route that is down and never was up.
  package var tellsNeverUp: Bool
  /// Where it stands in pvescout.yml.
  package var location: SourceLocation

  package init(
    name: String, channel: Channel, selection: RouteSelection = RouteSelection(), tellsFirstUp: Bool = false,
    tellsNeverUp: Bool = false, location: SourceLocation
  ) {
    self.name = name
    self.channel = channel
    self.selection = selection
    self.tellsFirstUp = tellsFirstUp
    self.tellsNeverUp = tellsNeverUp
    self.location = location
  }

  /// Whom it tells, as a log may show it.
  var destination: String {
    switch channel {
    case .webhook(let webhook): webhook.destination
    case .exec(let hook): hook.program
    }
  }
}
