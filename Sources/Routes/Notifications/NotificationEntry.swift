package import RouteModel

/// An entry of `notify:`: a destination, and the routes and events that are sent to it.
package struct NotificationEntry: Hashable, Sendable {
  package enum Channel: Hashable, Sendable {
    case webhook(Webhook)
    case exec(ExecHook)
  }

  /// A unique label.
  package var name: String
  package var channel: Channel
  package var selection: RouteSelection
  /// Whether a route that is up for the first time is reported.
  package var notifiesFirstUp: Bool
  /// Whether a route that is down and has never been up is reported.
  package var notifiesNeverUp: Bool
  /// The position in pvescout.yml.
  package var location: SourceLocation

  package init(
    name: String, channel: Channel, selection: RouteSelection = RouteSelection(), notifiesFirstUp: Bool = false,
    notifiesNeverUp: Bool = false, location: SourceLocation
  ) {
    self.name = name
    self.channel = channel
    self.selection = selection
    self.notifiesFirstUp = notifiesFirstUp
    self.notifiesNeverUp = notifiesNeverUp
    self.location = location
  }

  /// The destination without secrets, for logs.
  var destination: String {
    switch channel {
    case .webhook(let webhook): webhook.destination
    case .exec(let hook): hook.program
    }
  }
}
