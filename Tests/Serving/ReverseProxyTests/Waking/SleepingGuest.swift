import RouteModel
import RouteRegistry
import Synchronization
import TestSupport
import WakeOnDemand

@testable import ReverseProxy

/// A guest behind a route, with a test in the place of PVE.
final class SleepingGuest: Sendable {
  static let id = GuestID(cluster: "home", vmid: 106)
  let gates = WakeGates()
  private let requests = Mutex<[WakeRequest]>([])
  private let reader = Mutex<Task<Void, Never>?>(nil)

  /// - Parameter isConfirmed: PVE reports that it runs whenever a client could not reach it.
  init(_ status: GateStatus = GateStatus(.stopped), isConfirmed: Bool = false) {
    gates.permit(["home"])
    gates.manage([Self.id])
    show(status)
    reader.withLock { reader in
      reader = Task { [gates, weak self] in
        for await wish in gates.requests {
          self?.requests.withLock { $0.append(wish) }
          if isConfirmed, wish.isUnreachable { gates.show(.up, of: wish.guest) }
        }
      }
    }
  }

  deinit { reader.withLock { $0?.cancel() } }

  var asked: [WakeRequest] { requests.withLock { $0 } }

  func show(_ status: GateStatus) { gates.show(status, of: Self.id) }

  /// The clients and pages that wait.
  var waiting: Int { gates.gate(of: Self.id)?.watcherCount ?? 0 }

  func isWished() async throws {
    try await eventually("a client wants the guest") { asked.isEmpty ? nil : () }
  }

  func isWaitedFor(by count: Int) async throws {
    try await eventually("\(count) clients wait; it is \(waiting)") { waiting == count ? () : nil }
  }
}

extension RegisteredRoute {
  /// A route to the guest that wakes it.
  static func waking(
    _ alias: String = "photos", to target: Upstream?, change: (inout WakePolicy) -> Void = { _ in }
  ) throws -> RegisteredRoute {
    let plain = try RegisteredRoute.http(alias, to: target) { declaration in
      var policy = WakePolicy()
      policy.start = .onRequest
      change(&policy)
      declaration.wake = policy
    }
    var route = plain.route
    let identity = LinkedResource.Identity.guest(
      SleepingGuest.id, node: "pve1", name: "photos", type: .lxc, status: .stopped)
    route.link = .linked(LinkedResource(identity, matchedBy: .explicit, matched: "106"))
    return RegisteredRoute(route)
  }

  static func waking(
    _ alias: String = "photos", to server: EchoUpstream, change: (inout WakePolicy) -> Void = { _ in }
  ) throws -> RegisteredRoute {
    try .waking(alias, to: .network(scheme: .http, host: server.host, port: server.port), change: change)
  }
}
