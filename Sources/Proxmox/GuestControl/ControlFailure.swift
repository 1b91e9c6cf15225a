import ProxmoxAPI
package import RouteModel

/// Why a guest is not started or stopped: one case for each remedy.
package enum ControlFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The cluster's entry does not say `control: true`.
  case notAllowed(ClusterName)
  /// No route leads to the guest.
  case noRoute
  case gone
  case template
  case locked(String)
  /// Suspended to disk.
  case hibernated
  case paused
  case missingRight(String)
  case refused(String)
  case nodeOffline(String, canBeWoken: Bool)
  case nodeUnreachable(String)
  /// No endpoint of the cluster gives a valid answer.
  case clusterUnreachable(String)
  case tooManyStarts(Int)
  case taskFailed(String)
  case endedByItself
  /// The start was passed to the HA manager, which has not performed it.
  case leftToHA
  case didNotRun(within: Duration)
  case hasNoAddress(within: Duration)
  case doesNotAnswer(String, within: Duration)
  case didNotStop(within: Duration)
  case stoppedByCommand
  case dependency(String, String)

  package var description: String {
    switch self {
    case .notAllowed(let cluster): "the entry '\(cluster)' of proxmox does not say 'control: true'"
    case .noRoute: "no route leads to this guest, and the agent starts and stops no others"
    case .gone: "PVE has no such guest"
    case .template: "it is a template"
    case .locked(let lock): "it is locked by PVE (\(lock)): it can be started and stopped when that has ended"
    case .hibernated: "it is suspended to disk: resume it in PVE"
    case .paused: "it is paused: resume it in PVE"
    case .missingRight(let right): "the token lacks \(right): see pvescout doctor"
    case .refused(let text): "PVE refuses it: \(text)"
    case .nodeOffline(let node, let canBeWoken):
      canBeWoken ? "node \(node) is offline, and did not wake up" : "node \(node) is offline"
    case .nodeUnreachable(let text): "its node cannot be reached (\(text))"
    case .clusterUnreachable(let text): "PVE cannot be asked: \(text)"
    case .tooManyStarts(let limit):
      "it was started \(limit == 1 ? "once" : "\(limit) times") within an hour (max_starts_per_hour)"
    case .taskFailed(let text): "PVE's task failed: \(text)"
    case .endedByItself: "it started and ended by itself: see its log in PVE"
    case .leftToHA: "the HA manager was asked, and has not done it: see Datacenter → HA in PVE"
    case .didNotRun(let limit): "it does not run after \(limit.spoken)"
    case .hasNoAddress(let limit): "it runs, but no address of it is known after \(limit.spoken)"
    case .doesNotAnswer(let target, let limit): "it runs, but nothing answers on \(target) after \(limit.spoken)"
    case .didNotStop(let limit): "it did not shut down within \(limit.spoken), and is left running"
    case .stoppedByCommand: "it was stopped by a command, and stays so until one starts it"
    case .dependency(let alias, let reason): "\(alias), which it depends on, is not ready: \(reason)"
    }
  }

  /// The text for clients of the proxy: without addresses, settings, rights and unknown texts of PVE.
  package var publicText: String {
    switch self {
    case .notAllowed, .noRoute: "the agent may not start it"
    case .missingRight: "the agent lacks the right to start it"
    case .refused: "PVE refuses to start it"
    case .taskFailed: "PVE has tried, and its start has failed"
    case .locked(let lock) where !Self.locks.contains(lock): "it is locked by PVE"
    case .nodeUnreachable: "its node cannot be reached"
    case .clusterUnreachable: "PVE cannot be asked at the moment"
    case .doesNotAnswer(_, let limit): "it runs, but its service does not answer after \(limit.spoken)"
    case .dependency(let alias, _): "\(alias), which it depends on, is not ready"
    default: description
    }
  }

  /// Of pve-container and qemu-server.
  private static let locks: Set = [
    "backup", "clone", "create", "destroyed", "disk", "fstrim", "migrate", "mounted", "rollback", "snapshot",
    "snapshot-delete", "suspended", "suspending",
  ]

  /// Whether an early retry would fail too.
  var isLasting: Bool {
    switch self {
    case .notAllowed, .noRoute, .gone, .template, .hibernated, .paused, .missingRight, .stoppedByCommand: true
    default: false
    }
  }
}

extension ControlFailure {
  /// The cause behind the error of a call.
  init(_ error: ProxmoxError) {
    switch error {
    case .forbidden(let privilege, let text): self = .missingRight(privilege.map { "\($0)" } ?? text)
    case .nodeUnreachable(let text): self = .nodeUnreachable(text)
    case .notFound: self = .gone
    case .server(_, let text), .badRequest(let text), .notImplemented(let text), .agentRefused(let text):
      self = Self(taskText: text) ?? .refused(text)
    case .unauthorized, .transport, .fingerprintMismatch, .malformed: self = .clusterUnreachable("\(error)")
    }
  }

  /// The cause named by the text of a refusal or of a task's end: `CT is locked (backup)`.
  init?(taskText text: String) {
    if let lock = text.firstRange(of: "is locked (") {
      let name = text[lock.upperBound...].prefix { $0 != ")" }
      self = name == "suspended" ? .hibernated : .locked(String(name))
    } else if text.contains("a template") {
      self = .template
    } else if text.contains("is paused") {
      self = .paused
    } else if text.contains("does not exist") {
      self = .gone
    } else {
      return nil
    }
  }
}

extension Duration {
  /// `250 ms`, `45 s`, `3 min`.
  var spoken: String {
    if self < .seconds(1) { return "\(Int(self / .milliseconds(1))) ms" }
    return self < .seconds(120) ? "\(Int(self / .seconds(1))) s" : "\(Int(self / .seconds(60))) min"
  }
}
