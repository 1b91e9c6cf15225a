import HTTPTransport
import ProxmoxAPI

/// Asks PVE what the agent may do.
struct RightsReader: Sendable {
  let client: ProxmoxClient
  let principal: Principal

  func read() async throws(ProxmoxError) -> Rights {
    var rights = Rights(own: try await reach(of: nil))
    // The rest takes Sys.Audit on /access: without it the diagnosis is less exact, and no less right.
    rights.account = try? await client.account(of: principal.user)
    rights.acl = (try? await client.accessControlList()) ?? []
    if principal.token != nil { rights.user = try? await reach(of: principal.user) }
    return rights
  }

  private func reach(of user: String?) async throws(ProxmoxError) -> Rights.Reach {
    var reach = Rights.Reach(listed: try await client.effectivePermissions(of: user), onPaths: [:])
    for path in PrivilegeNeed.paths {
      reach.onPaths[path] = try await client.effectivePermissions(of: user, on: path).privileges(on: path)
    }
    return reach
  }
}
