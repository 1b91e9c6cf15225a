import Diagnosis
import RouteModel

/// The first routes.yml: routes to the web interfaces of the nodes, and to the services that were found.
struct RouteDraft: Hashable, Sendable {
  /// Nodes that answered, by name.
  var nodes: [String] = []
  /// The port of the nodes' API.
  var port = "8006"
  var services: [FoundService]
  /// Otherwise the routes are comments.
  var isAccepted: Bool

  var text: String {
    """
    # Routes to services: `alias: {port: …}`; the host is filled in from the guest of that name, wherever it runs.
    # Changes are read within seconds. Every key is in /usr/share/doc/pvescout/manual/RouteFiles.md.

    # The web interfaces of the nodes.
    \(commented(nodes.map(line)).joined(separator: "\n"))

    \(heading)
    \(commented(services.map(Self.line)).joined(separator: "\n"))

    """
  }

  private var heading: String {
    if services.isEmpty { return "# No guest with the name of a well-known program answered on its usual port." }
    return isAccepted
      ? "# Found by `pvescout setup`: guests with the name of a program that answer on its usual port."
      : "# Found by `pvescout setup`; remove the '#' of those that you want."
  }

  /// A line for each route.
  var lines: [String] { nodes.map(line) + services.map(Self.line) }

  private func commented(_ lines: [String]) -> [String] { isAccepted ? lines : lines.map { "# \($0)" } }

  private func line(_ node: String) -> String {
    "\(node): {proxmox: {node: \(node)}\(port == "8006" ? "" : ", port: \(port), scheme: https")}"
  }

  private static func line(_ service: FoundService) -> String {
    var keys = ["port: \(service.port)"]
    if service.scheme != .http { keys.append("scheme: \(service.scheme.rawValue)") }
    if service.sharesItsName { keys.append("proxmox: {vmid: \(service.vmid)}") }
    return "\(service.alias): {\(keys.joined(separator: ", "))}"
  }
}
