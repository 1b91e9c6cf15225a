package import ControlServer
package import Notifications
package import ProxmoxDiscovery
package import ReverseProxy
package import RouteModel
package import RouteProviders

/// pvescout.yml, validated.
package struct AgentConfiguration: Sendable {
  package struct Log: Hashable, Sendable {
    package enum Format: String, Sendable, CaseIterable { case text, json }
    /// A level of swift-log by name: `trace` … `critical`.
    package var level = "info"
    package var format = Format.text
    package init() {}
  }

  /// The file that this came from.
  package var path: String
  package var clusters: [ClusterConfiguration] = []
  package var discovery = DiscoveryConfiguration()
  package var routeFiles: RouteFiles
  /// Of routes that state none and match nothing.
  package var defaultHost = DefaultHost.none
  /// Defaults of the routes' checks.
  package var health = HealthCheck()
  /// Who is told that routes go down and come up.
  package var notifications: [NotificationEntry] = []
  package var socket = SocketConfiguration()
  /// Nil where nothing is served.
  package var proxy: ProxyConfiguration?
  package var stateDirectory = "/var/lib/pvescout"
  package var log = Log()
  /// The files that its secrets were read from.
  package var secretFiles: [String] = []
  /// Warnings only; errors are thrown.
  package var warnings: [Problem] = []

  /// Where a running agent with this file is asked.
  package var socketPath: String { socket.path }

  package init(path: String, routeFiles: RouteFiles) { (self.path, self.routeFiles) = (path, routeFiles) }

  /// Every problem of the file at once.
  package struct Invalid: Error, Sendable, CustomStringConvertible {
    package var problems: [Problem]
    /// The route files, where what names them was read all the same.
    package var routeFiles: RouteFiles?
    package init(problems: [Problem], routeFiles: RouteFiles? = nil) {
      (self.problems, self.routeFiles) = (problems, routeFiles)
    }
    package var description: String { problems.map(\.description).joined(separator: "\n") }
  }
}
