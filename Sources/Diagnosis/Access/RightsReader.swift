import HTTPTransport
import ProxmoxAPI

/// Asks PVE what the agent may do.
struct RightsReader: Sendable {
  let client: ProxmoxClient
  let principal: Principal

  func read() async throws(ProxmoxError) -> Rights {
    let own = try await client.effectivePermissions()
    var rights = Rights(own: own, onPaths: try await privileges(of: nil))
    // The rest takes Sys.Audit on /access: without it the diagnosis is less exact, and no less right.
    rights.account = try? await client.account(of: principal.user)
    rights.acl = (try? await client.accessControlList()) ?? []
    if principal.token != nil { rights.user = try? await privileges(of: principal.user) }
    return rights
  }

  private func privileges(of user: String?) async throws(ProxmoxError) -> [String: Set<String>] {
    var privileges: [String: Set<String>] = [:]
    for path in PrivilegeNeed.paths {
      privileges[path] = try await client.effectivePermissions(of: user, on: path).privileges(on: path)
    }
    return privileges
  }
}
