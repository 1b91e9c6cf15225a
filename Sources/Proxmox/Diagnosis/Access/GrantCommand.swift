/// The `pveum` command lines that grant rights.
enum GrantCommand {
  /// The read-only role that comes with PVE.
  static let auditorRole = "PVEAuditor"
  /// The role for PVE 8 and older, whose auditors cannot use guest agents. PVE refuses names that begin with "pve".
  static let monitorRole = "ScoutReader"

  /// The role for guests that the agent starts and stops. On a guest's own path it replaces what is inherited, so it
  /// repeats what the agent reads there.
  static let powerRole = "ScoutPower"
  static let wakingRole = "ScoutWaker"

  static func auditor(to principal: Principal, on path: String) -> String {
    line(role: auditorRole, on: path, users: [principal.user], tokens: principal.token.map { [$0] } ?? [])
  }

  /// Omits root@pam, which has all rights and cannot be given any.
  static func line(role: String, on path: String, users: [String], tokens: [String]) -> String {
    var words = ["pveum", "acl", "modify", ShellWord.quote(path)]
    let users = users.filter { $0 != "root@pam" }
    if !users.isEmpty { words += ["--users", ShellWord.quote(users.joined(separator: ","))] }
    if !tokens.isEmpty { words += ["--tokens", ShellWord.quote(tokens.joined(separator: ","))] }
    return (words + ["--roles", ShellWord.quote(role)]).joined(separator: " ")
  }
}
