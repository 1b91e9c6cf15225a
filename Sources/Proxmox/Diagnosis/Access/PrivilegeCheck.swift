import ProxmoxAPI

/// Compares the agent's rights with those it uses.
struct PrivilegeCheck {
  let principal: Principal
  /// PVE's major version.
  let version: Int?
  let rights: Rights
  private var plan: GrantPlan { GrantPlan(principal: principal, rights: rights) }

  var checks: [Finding] {
    (rights.own.isEmpty ? [nothing] : []) + PrivilegeNeed.all(version: version).flatMap(checks)
  }

  /// A common trap: a token with privilege separation starts without any rights.
  private var nothing: Finding {
    let name = principal.token ?? principal.user
    let reason =
      principal.token == nil
      ? "no role was granted to it"
      : "a token with privilege separation has only the rights that were granted to it and to its user"
    return Finding(
      "rights", .problem, "\(name) has no right on any path: \(reason)",
      wanted: "the role \(GrantCommand.auditorRole) on /",
      remedies: [Remedy(Self.letRead, [GrantCommand.auditor(to: principal, on: "/")])])
  }

  private func checks(_ need: PrivilegeNeed) -> [Finding] {
    let granted = rights.own.privileges(on: need.path)
    guard need.isMet(by: granted) else { return [missing(need)] }
    let lost = pathsBelow(need.path).filter { !need.isMet(by: rights.own.privileges(on: $0)) }
    let other = granted.contains(need.privilege) ? nil : need.alternatives.intersection(granted).min()
    let held = Finding.ok(need.privilege, "\(other.map { "\($0) is " } ?? "")granted on \(need.path)")
    return lost.isEmpty || need.path != "/vms" ? [held] : [held, replaced(need, on: lost)]
  }

  /// Paths below another path that have their own rights.
  private func pathsBelow(_ path: String) -> [String] {
    rights.own.listed.paths.keys.filter { $0.hasPrefix(path + "/") }.sorted {
      ($0.utf8.count, $0) < ($1.utf8.count, $1)
    }
  }

  private func replaced(_ need: PrivilegeNeed, on paths: [String]) -> Finding {
    let roles = paths.flatMap { path in rights.entries(for: principal, above: path).filter { $0.path == path } }
    return Finding(
      need.privilege, .warning,
      "missing on \(Wording.list(paths)): \(words(roles) ?? "a role") there replaces what is inherited from \(need.path)",
      wanted: "\(need.privilege) on every guest that is to be seen",
      remedies: [
        Remedy(
          "on any node of the cluster, as root, give the role there too (roles on one path add up)",
          paths.flatMap { plan.lines(need, on: $0) })
      ])
  }

  private func missing(_ need: PrivilegeNeed) -> Finding {
    let elsewhere = pathsBelow(need.path).filter { need.isMet(by: rights.own.privileges(on: $0)) }
    let isPartial = need.unseenElsewhere != nil && !elsewhere.isEmpty
    var found = "missing on \(need.path)"
    if isPartial, let unseen = need.unseenElsewhere {
      found += ", granted on \(Wording.list(elsewhere)) only: \(unseen)"
    }
    found += isPartial ? "" : ": \(need.loss)"
    if let cause = cause(need) { found += ". \(cause)" }
    if let history = need.history { found += ". \(history.capitalizedFirst)" }
    return Finding(
      need.privilege, isPartial ? .warning : need.severity, found, wanted: "\(need.privilege) on \(need.path)",
      remedies: remedies(need))
  }
}

// The causes of missing rights, and the commands that grant them.
extension PrivilegeCheck {
  private func cause(_ need: PrivilegeNeed) -> String? {
    if plan.isReplaced(need, on: need.path) {
      let roles = words(rights.entries(for: principal, above: need.path)) ?? "a role on a deeper path"
      return "It is granted on /, but \(roles) replaces what is inherited from there"
    }
    guard principal.token != nil else { return nil }
    guard let token = plan.separatedToken else {
      return "The token has the rights of its user \(principal.user), which lacks it"
    }
    if plan.userHas(need, on: need.path) {
      return "The user \(principal.user) has it and its token \(token) has not: privileges are separated, so the token "
        + "needs a grant of its own"
    }
    if rights.user != nil { return "Neither the user nor its token has it, and both need it" }
    return rights.own.isEmpty
      ? nil : "PVE does not show this token what its user may do; both need it, so both are granted it here"
  }

  private func words(_ roles: [ACLEntry]) -> String? {
    guard !roles.isEmpty else { return nil }
    return Wording.list(roles.map { "the role \($0.role) of \($0.holder.rawValue) \($0.name) on \($0.path)" })
  }

  private func remedies(_ need: PrivilegeNeed) -> [Remedy] {
    let lines = plan.lines(need, on: need.path)
    if need.role == GrantCommand.monitorRole {
      return [
        Remedy(
          "on any node of the cluster, as root. VM.Monitor also lets its holder run commands in VMs, so leave this away "
            + "if no route leads to a VM. The role repeats VM.Audit, as it replaces what /vms inherits",
          ["pveum role add \(GrantCommand.monitorRole) --privs 'VM.Audit VM.Monitor'"] + lines)
      ]
    }
    // In addition to other roles on the same path; on / there are none to replace.
    let advice =
      lines.allSatisfy { $0.hasPrefix("pveum acl modify / ") }
      ? Self.letRead : "on any node of the cluster, as root, give the role there too (roles on one path add up)"
    return [Remedy(advice, lines)]
  }

  private static let letRead = "on any node of the cluster, as root, let it read; this lets it change nothing"
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
