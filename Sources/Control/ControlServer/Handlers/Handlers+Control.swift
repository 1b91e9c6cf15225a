import ControlAPI
import FoundationEssentials
import GuestControl
import LinuxSystem
import ProxmoxInventory
import RouteModel
import RouteRegistry

extension Handlers {
  enum ControlAction: String { case start, stop }

  /// `POST /v1/routes/{alias}/start` and `/stop`: for the guest behind the route.
  func control(_ action: ControlAction, route request: APIRequest) async throws -> Response {
    let peer = try await administrator(request, to: "\(action.rawValue) guests")
    let entry = try entry(request.alias)
    guard let resource = entry.route.link.resource else {
      throw APIFailure.conflict("\(entry.key) is linked to no guest", hint: "see 'pvescout explain \(entry.key)'")
    }
    guard let guest = resource.guest else {
      throw APIFailure.conflict(
        "\(entry.key) leads to \(resource.summary) itself", hint: "only guests are started and stopped")
    }
    return try await control(action, guest, peer, route: entry.key)
  }

  /// `POST /v1/guests/{cluster}/{vmid}/start` and `/stop`.
  func control(_ action: ControlAction, guest request: APIRequest) async throws -> Response {
    let peer = try await administrator(request, to: "\(action.rawValue) guests")
    let parts = request.alias.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let vmid = Int(parts[1]), case let id = GuestID(cluster: String(parts[0]), vmid: vmid),
      agent.inventory.guest(id) != nil
    else {
      throw APIFailure(
        .notFound,
        ErrorAnswer(
          code: "guest_not_found", message: "there is no guest '\(request.alias.excerpt)'",
          hint: "'pvescout guests' (GET /v1/guests) lists them all"))
    }
    return try await control(action, id, peer)
  }

  private func control(
    _ action: ControlAction, _ guest: GuestID, _ peer: PeerCredentials, route: String? = nil
  ) async throws -> Response {
    let reason = ControlReason.command("a command of uid \(peer.uid)", route: route)
    let report: ControlReport
    do throws(ControlFailure) {
      switch action {
      case .start: report = try await agent.start(guest, reason)
      case .stop: report = try await agent.stop(guest, reason)
      }
    } catch {
      let verb = action == .start ? "started" : "stopped"
      throw APIFailure.conflict("guest \(guest.vmid) is not \(verb): \(error)", hint: error.hint)
    }
    return .json(ControlAnswer(control: ControlJSON(report)), status: .accepted)
  }

  func control(of route: Route) -> ControlReport? {
    route.control(in: agent.controlReports)
  }
}

extension Route {
  /// The control state of the guest behind the route; nil if the agent does not start and stop it.
  func control(in reports: [GuestID: ControlReport]) -> ControlReport? {
    link.resource?.guest.flatMap { reports[$0] }
  }
}

extension ControlFailure {
  fileprivate var hint: String? {
    switch self {
    case .notAllowed: "set it, see that the token has VM.PowerMgmt ('pvescout doctor'), and reload"
    case .noRoute: "declare a route with 'proxmox: {vmid: …}' that leads to it"
    default: nil
    }
  }
}
