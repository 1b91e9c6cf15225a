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
    /// The name of a swift-log level: `trace` … `critical`.
    package var level = "info"
    package var format = Format.text
    package init() {}
  }

  /// The path of the configuration file.
  package var path: String
  package var clusters: [ClusterConfiguration] = []
  package var discovery = DiscoveryConfiguration()
  package var routeFiles: RouteFiles
  /// The host of routes that state none and match nothing.
  package var defaultHost = DefaultHost.none
  /// Defaults for the health checks of routes.
  package var health = HealthCheck()
  /// The destinations for notices that routes go down or come up.
  package var notifications: [NotificationEntry] = []
  package var socket = SocketConfiguration()
  /// Nil if no routes are served.
  package var proxy: ProxyConfiguration?
  package var stateDirectory = "/var/lib/pvescout"
  package var log = Log()
  /// The file itself and the secrets and CAs that it names: a change of one is a reason to reload.
  package var files = ReadFiles()
  /// The certificates and keys of `proxy:`.
  package var certificateFiles: [String] = []
  /// Warnings only; errors are thrown.
  package var warnings: [Problem] = []

  /// Every file that the agent reads: the file itself, all that it names, and the route files there are now.
  package var readPaths: [String] { files.paths + certificateFiles + routeFiles.paths() }

  /// The socket of a running agent with this file.
  package var socketPath: String { socket.path }

  package init(path: String, routeFiles: RouteFiles) { (self.path, self.routeFiles) = (path, routeFiles) }

  /// All problems of the file.
  package struct Invalid: Error, Sendable, CustomStringConvertible {
    package var problems: [Problem]
    /// The route files, if the keys that name them were still valid.
    package var routeFiles: RouteFiles?
    /// The files in which the problems are: a change of one may end them.
    package var files: ReadFiles
    package init(problems: [Problem], routeFiles: RouteFiles? = nil, files: ReadFiles = ReadFiles()) {
      (self.problems, self.routeFiles, self.files) = (problems, routeFiles, files)
    }
    package var description: String { problems.map(\.description).joined(separator: "\n") }
  }
}
