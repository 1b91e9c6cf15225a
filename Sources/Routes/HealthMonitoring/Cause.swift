import RouteModel

/// Why a route is not healthy: the probe's result, explained by the state of the node or guest behind the route in PVE.
///
/// PVE's state only explains missing answers. A service that answers is up, whatever PVE reports of the linked guest.
struct Cause: Sendable {
  var upstream: Upstream
  var link: ProxmoxLink
  /// The state of the linked node, or of the linked guest's node.
  var node: NodeStatus?
  /// How long ago the guest started, within the grace period; else nil.
  var started: Duration?
  /// Whether the agent is starting the guest.
  var isBeingStarted = false

  func text(of failure: ProbeFailure) -> String {
    if failure.isSilence, let resource = link.resource, let explanation = explanation(of: failure, by: resource) {
      return explanation
    }
    let text = plainText(of: failure)
    guard let started, let resource = link.resource, let subject = subject(resource), subject.isRunning else {
      return text
    }
    return "\(subject.name) started \(started.spoken) ago: \(text)"
  }

  private func plainText(of failure: ProbeFailure) -> String {
    switch failure {
    case .refused where isFallback: "no link, and \(address) refuses"
    case .refused(let address): "connection refused on \(address)"
    case .unreachable(let address, let reason): "\(reason): \(address)"
    case .timedOut(let phase, _): "\(failure.summary) (\(phase))"
    case .badStatus(let status, _, let wanted, let latency):
      "answers \(status) after \(latency.spoken)" + (wanted.map { ", wanted \($0)" } ?? "")
    case .certificate, .tls, .badAnswer, .folder: failure.summary
    }
  }

  private func explanation(of failure: ProbeFailure, by resource: LinkedResource) -> String? {
    if isBeingStarted, case .guest(let id, _, let name, _, _) = resource.identity {
      return "guest \(id.vmid)\(name.map { " (\($0))" } ?? "") is being started"
    }
    // PVE keeps the last known status of a lost node's guests, so the node is checked first.
    if node == .offline { return "node \(resource.node.name) is offline" }
    guard let subject = subject(resource) else { return nil }
    if !subject.isRunning { return "\(subject.name) is \(subject.status)" }
    guard case .refused = failure, let port = upstream.port else { return nil }
    if let started { return "\(subject.name) started \(started.spoken) ago, nothing listens on :\(port) yet" }
    return "\(subject.name) is \(subject.status), nothing listens on :\(port)"
  }

  /// Nil if PVE does not know the state.
  private func subject(_ resource: LinkedResource) -> (name: String, status: String, isRunning: Bool)? {
    switch resource.identity {
    case .node(let id):
      return node == .online ? ("node \(id.name)", "online", true) : nil
    case .guest(_, _, _, _, .unknown):
      return nil
    case .guest(let id, _, let name, _, let status):
      return ("guest \(id.vmid)" + (name.map { " (\($0))" } ?? ""), status.text, status.isRunning)
    }
  }

  /// Whether the target is this machine because the route matched nothing.
  private var isFallback: Bool {
    guard case .unlinked(let reason) = link else { return false }
    return reason.code == .noMatch && upstream.host == "localhost"
  }

  private var address: String { "\(upstream.host ?? ""):\(upstream.port ?? 0)" }
}
