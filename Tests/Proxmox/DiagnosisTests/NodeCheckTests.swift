import ProxmoxAPI
import RouteModel
import Testing

@testable import Diagnosis

@Suite("NodeCheck") struct NodeCheckTests {
  private func node(
    _ name: String, _ status: String = "online", address: String? = "10.0.0.11", error: ProxmoxError? = nil
  ) -> NodeObservation {
    NodeObservation(
      name: name, status: status, addresses: address.flatMap { IPAddress($0) }.map { [$0] } ?? [],
      network: error.map { .failure($0) })
  }

  private func checks(_ nodes: NodeObservation...) -> [Finding] {
    NodeCheck(nodes: nodes, status: nil, endpoint: "https://10.0.0.11:8006").checks
  }

  @Test("Healthy nodes are reported in one line with their addresses")
  func online() {
    let checks = checks(node("pve1"), node("pve2", address: "10.0.0.12"))
    #expect(checks == [.ok("node", "2 nodes online: pve1 10.0.0.11, pve2 10.0.0.12")])
  }

  static let troubles: [(node: String, severity: Severity, words: String, command: String?)] = [
    ("offline", .problem, "is offline (10.0.0.12)", "pvecm status"),
    ("unreachable", .problem, "does not reach it (10.0.0.12)", "systemctl status pveproxy pvedaemon"),
    ("forbidden", .warning, "network cannot be read", nil),
    ("mute", .warning, "no fresh data", "systemctl restart pvestatd"),
    ("addressless", .warning, "no address of it", nil),
  ]

  @Test("A node with a problem is reported with the remedy", arguments: troubles)
  func trouble(kind: String, severity: Severity, words: String, command: String?) throws {
    let ill =
      switch kind {
      case "offline": node("pve2", "offline", address: "10.0.0.12")
      case "unreachable": node("pve2", address: "10.0.0.12", error: .nodeUnreachable("595 No route to host"))
      case "forbidden": node("pve2", address: "10.0.0.12", error: .forbidden(nil, "no"))
      case "mute": node("pve2", "unknown")
      default: node("pve2", address: nil)
      }
    let checks = checks(node("pve1"), ill)
    #expect(checks.map(\.severity) == [.ok, severity] && checks[1].found.hasPrefix("pve2"), "\(checks)")
    #expect(checks[1].found.contains(words), "\(checks[1].found)")
    if let command { #expect(checks[1].commands.contains(command)) }
  }
}
