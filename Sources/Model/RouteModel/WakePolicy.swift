/// When the guest behind a route is started and stopped: `proxmox.start` and `idlewatcher`.
package struct WakePolicy: Hashable, Sendable {
  /// The raw values are what route files say.
  package enum Start: String, Sendable, CaseIterable, Comparable {
    case never
    case onRequest = "on_request"
    case onLoad = "on_load"

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .never: 0
      case .onRequest: 1
      case .onLoad: 2
      }
    }
  }

  /// How an idle guest is stopped. The raw values are what route files say.
  package enum StopMethod: String, Sendable, CaseIterable {
    /// A shutdown that gives up after the time-out.
    case stop
    /// A VM is suspended in memory; a container is shut down, because it cannot be suspended.
    case pause
    /// A shutdown that ends in a hard stop after the time-out.
    case kill
  }

  /// Another route whose guest is started first.
  package struct Dependency: Hashable, Sendable {
    package var alias: String
    /// Whether its health check must succeed too.
    package var mustBeHealthy: Bool

    package init(alias: String, mustBeHealthy: Bool) { (self.alias, self.mustBeHealthy) = (alias, mustBeHealthy) }
  }

  package var start = Start.never
  /// Of silence until the guest is stopped; nil for never.
  package var idleTimeout: Duration?
  /// Of a whole start, from the request to the first answer.
  package var wakeTimeout = Duration.seconds(180)
  package var stopTimeout = Duration.seconds(60)
  package var stopMethod = StopMethod.stop
  /// The only path whose requests start the guest; nil for any.
  package var startEndpoint: String?
  package var dependencies: [Dependency] = []
  package var showsPage = true
  /// The share of its processors up to which a guest counts as idle, from 0 to 1.
  package var idleCPU: Double?
  /// Bytes a second up to which a guest counts as idle.
  package var idleNetwork: Int?
  /// Whether a guest that somebody else started is left running.
  package var keepsExternal = false
  /// Hours in which the guest is not stopped.
  package var schedule: [WeeklyHours] = []
  /// Whether a node that is offline is woken for it.
  package var wakesNode = false
  package var maxStartsPerHour = 6

  package init() {}
}
