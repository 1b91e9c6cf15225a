import FoundationEssentials
import PrintableText
import RouteModel

/// The message that a route went down or came up, or a test of a destination.
struct Notice: Hashable, Sendable {
  enum Event: String, Sendable { case down, up, test }

  /// A period in which a route was down.
  struct Downtime: Hashable, Sendable {
    /// Wall-clock time, for people; the duration is measured by the continuous clock, which never jumps.
    var since: Date
    var start: ContinuousClock.Instant
    /// Nil while the route is down.
    var end: ContinuousClock.Instant?
    var cause: String?
  }

  let event: Event
  let observation: Observation
  /// Whether the route has not been up before, as far as this agent knows.
  let isFirst: Bool
  /// The downtime that an `up` ends; nil if the route was not seen down.
  let downtime: Downtime?

  init(_ event: Event, _ observation: Observation, isFirst: Bool, downtime: Downtime? = nil) {
    (self.event, self.observation, self.isFirst, self.downtime) = (event, observation, isFirst, downtime)
  }

  var title: String {
    switch event {
    case .down: "\(observation.key) is down"
    case .up: downtime == nil ? "\(observation.key) is up" : "\(observation.key) is up again"
    case .test: "pvescout: this is a test"
    }
  }

  /// The reason, then the target and the node or guest: at most two lines.
  var message: String {
    let place = [observation.target, observation.resource?.summary].compactMap { $0 }.joined(separator: ", ")
    let reason = observation.flapping.map { "flapping, \($0): \(self.reason)" } ?? reason
    return [reason, place].filter { !$0.isEmpty }.map(PrintableText.line).joined(separator: "\n")
  }

  /// For an `up`, how long the route was down.
  var downSeconds: Int? {
    downtime.map { max(0, Int((($0.end ?? $0.start) - $0.start).components.seconds)) }
  }

  private var reason: String {
    guard event == .up else { return observation.cause ?? observation.detail }
    guard let downtime, let downSeconds else { return observation.detail }
    let was = "was down for \(Self.spoken(seconds: downSeconds))" + (downtime.cause.map { ": \($0)" } ?? "")
    return observation.detail.isEmpty ? was : "\(observation.detail); \(was)"
  }

  /// `12s`, `3m 5s`, `2h 10m`, `3d 4h`.
  private static func spoken(seconds: Int) -> String {
    switch seconds {
    case ..<60: "\(seconds)s"
    case ..<3600: "\(seconds / 60)m \(seconds % 60)s"
    case ..<86400: "\(seconds / 3600)h \(seconds / 60 % 60)m"
    default: "\(seconds / 86400)d \(seconds / 3600 % 24)h"
    }
  }
}
