import AgentRuntime
import ControlAPI
import ControlClient
import Diagnosis
import HTTPTransport
import ProxmoxInventory
import RouteModel

/// The findings of `doctor` about the routes: how they link with what was read, and what is in their way.
struct RouteDiagnosis {
  let preview: RoutePreview
  /// The socket of the agent with the same files, which may be running.
  let socketPath: String
  let client: HTTPClient

  /// Nil if there is nothing to judge.
  func section(_ clusters: [ClusterSnapshot]) async -> DiagnosisReport.Section? {
    let held = await heldAddresses()
    let checks = proxy(held) + RouteCheck(await preview.routes(clusters, held: held, client: client)).checks
    return checks.isEmpty ? nil : DiagnosisReport.Section(.routes, name: "routes", checks: checks)
  }

  private func proxy(_ held: Set<ListenAddress>) -> [Finding] {
    preview.faultsOfProxy(held: held).map { key, address, reason in
      Finding(
        "proxy", .problem, "\(key) cannot listen on \(address): \(reason)", wanted: "a port that nothing else uses")
    }
  }

  /// The addresses on which the running agent listens; empty if none answers.
  private func heldAddresses() async -> Set<ListenAddress> {
    let agent = ControlClient(socketPath: socketPath, http: client, timeout: .seconds(5))
    guard let info = try? await agent.info().value, let routes = try? await agent.routes().value.routes else {
      return []
    }
    let own = info.proxy.values.compactMap { ListenAddress($0, isDatagram: false) }
    return Set(
      own + routes.compactMap { route in route.listen.flatMap { ListenAddress($0, isDatagram: route.scheme == "udp") } }
    )
  }
}

extension ListenAddress {
  /// `127.0.0.1:8080`, `[::1]:8080`
  fileprivate init?(_ text: String, isDatagram: Bool) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
      let host = IPAddress(text[..<colon])
    else { return nil }
    self.init(host, port: port, isDatagram: isDatagram)
  }
}
