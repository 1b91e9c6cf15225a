import ProxmoxAPI

/// Holds what the agent may do against what it makes use of.
struct PrivilegeExamination {
  let principal: Principal
  /// PVE's major version.
  let version: Int?
  let rights: Rights

  var checks: [Finding] {
    (rights.isEmpty ? [nothing] : []) + PrivilegeNeed.all(version: version).flatMap(checks)
  }

  /// The beginner's trap: a separated token starts without any right.
  private var nothing: Finding {
    let name = principal.token ?? principal.user
    let reason =
      principal.token == nil
      ? "no role was granted to it"
      : "a token with privilege separation has only the rights that were granted to it and to its user"
    return Finding(
      "rights", .problem, "\(name) has no right on any path: \(reason)",
      wanted: "the role \(Grant.auditorRole) on /", remedies: [auditorRemedy])
  }

  private var auditorRemedy: Remedy {
    Remedy(
      "on any node of the cluster, as root, let it read; this lets it change nothing",
      [Grant.auditor(to: principal, on: "/")])
  }

  private func checks(_ need: PrivilegeNeed) -> [Finding] {
    let granted = rights.onPaths[need.path] ?? []
    guard need.isMet(by: granted) else { return [missing(need)] }
    let name = granted.contains(need.privilege) ? need.privilege : need.alternatives.intersection(granted).min() ?? ""
    let lost = pathsBelow(need.path).filter { !need.isMet(by: rights.own.privileges(on: $0)) }
    let held = Finding.ok(need.privilege, "\(name) is granted on \(need.path)")
    return lost.isEmpty || need.path != "/vms" ? [held] : [held, replaced(need, on: lost)]
  }

  /// Paths below another that have rights of their own.
  private func pathsBelow(_ path: String) -> [String] {
    rights.own.paths.keys.filter { $0.hasPrefix(path + "/") }.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }

  private func replaced(_ need: PrivilegeNeed, on paths: [String]) -> Finding {
    let roles = paths.flatMap { path in rights.roles(of: principal, at: path).filter { $0.path == path } }
    return Finding(
      need.privilege, .warning,
      "missing on \(Wording.list(paths)): \(words(roles) ?? "a role") there replaces what is inherited from \(need.path)",
      wanted: "\(need.privilege) on every guest that is to be seen",
      remedies: [
        Remedy(
          "on any node of the cluster, as root, give the role there too (roles on one path add up)",
          paths.map { grant(need, on: $0) })
      ])
  }

  private func missing(_ need: PrivilegeNeed) -> Finding {
    let elsewhere = pathsBelow(need.path).filter { need.isMet(by: rights.own.privileges(on: $0)) }
    let isPartial = need.path == "/vms" && !elsewhere.isEmpty
    var found = "missing on \(need.path)"
    if isPartial { found += ", granted on \(Wording.list(elsewhere)) only: other guests are not seen" }
    found += isPartial ? "" : ": \(need.loss)"
    if let cause = cause(need) { found += ". \(cause)" }
    if let history = need.history { found += ". \(history.capitalizedFirst)" }
    return Finding(
      need.privilege, isPartial ? .warning : need.severity, found, wanted: "\(need.privilege) on \(need.path)",
      remedies: remedies(need))
  }
}

// Why a right is missing.
extension PrivilegeExamination {
  private func cause(_ need: PrivilegeNeed) -> String? {
    let roles = rights.roles(of: principal, at: need.path)
    if isReplaced(need) {
      return
        "It is granted on /, but \(words(roles) ?? "a role on a deeper path") replaces what is inherited from there"
    }
    guard let token = principal.token else { return nil }
    if userHas(need) {
      return "The user \(principal.user) has it and its token \(token) has not: privileges are separated, so the token "
        + "needs a grant of its own"
    }
    if rights.user != nil { return "Neither the user nor its token has it, and both need it" }
    return rights.isEmpty
      ? nil : "PVE does not tell this token what its user may do; both need it, so both are granted it here"
  }

  private func userHas(_ need: PrivilegeNeed) -> Bool {
    principal.token != nil && (principal.isRoot || rights.user.map { need.isMet(by: $0[need.path] ?? []) } ?? false)
  }

  /// It would be inherited from `/`, were there nothing in between.
  private func isReplaced(_ need: PrivilegeNeed) -> Bool {
    guard need.path != "/" else { return false }
    let root = rights.own.paths["/"] ?? [:]
    return ([need.privilege] + need.alternatives).contains { root[$0] == true }
  }

  private func words(_ roles: [ACLEntry]) -> String? {
    guard !roles.isEmpty else { return nil }
    return Wording.list(roles.map { "the role \($0.role) of \($0.holder.rawValue) \($0.name) on \($0.path)" })
  }
}

// The lines that mend it.
extension PrivilegeExamination {
  private func remedies(_ need: PrivilegeNeed) -> [Remedy] {
    guard need.role == Grant.monitorRole else {
      let path = grantPath(need)
      guard path != "/" else { return [auditorRemedy(need)] }
      return [
        Remedy(
          "on any node of the cluster, as root, give the role on \(path) too (roles on one path add up)",
          [grant(need, on: path)])
      ]
    }
    return [
      Remedy(
        "on any node of the cluster, as root. VM.Monitor also lets its holder run commands in VMs, so leave this away if "
          + "no route leads to a VM. The role repeats VM.Audit, as it replaces what /vms inherits",
        ["pveum role add \(Grant.monitorRole) --privs 'VM.Audit VM.Monitor'", grant(need, on: "/vms")])
    ]
  }

  private func auditorRemedy(_ need: PrivilegeNeed) -> Remedy {
    Remedy("on any node of the cluster, as root, let it read; this lets it change nothing", [grant(need, on: "/")])
  }

  /// Where a grant takes effect: on `/`, unless something below has rights of its own, which would replace it.
  private func grantPath(_ need: PrivilegeNeed) -> String {
    let root = rights.onPaths["/"] ?? []
    let here = rights.onPaths[need.path] ?? []
    let isOwn = isReplaced(need) || !rights.roles(of: principal, at: need.path).isEmpty || here != root
    return isOwn ? need.path : "/"
  }

  private func grant(_ need: PrivilegeNeed, on path: String) -> String {
    Grant.line(
      role: need.role, on: path, users: userHas(need) ? [] : [principal.user],
      tokens: principal.token.map { [$0] } ?? [])
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
