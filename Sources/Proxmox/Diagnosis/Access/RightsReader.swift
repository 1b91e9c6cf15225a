import HTTPTransport
import ProxmoxAPI

/// Reads the agent's rights from PVE.
struct RightsReader: Sendable {
  let client: ProxmoxClient
  let principal: Principal

  func read() async throws(ProxmoxError) -> Rights {
    var rights = Rights(own: try await reach(of: nil))
    // The rest needs Sys.Audit on /access: without it, the diagnosis is less detailed but still correct.
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
