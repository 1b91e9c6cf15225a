import ProxmoxAPI
import Testing

@testable import Diagnosis

@Suite("PrivilegeCheck") struct PrivilegeCheckTests {
  private static let token = ProxmoxCredentials.token(id: "pvescout@pve!agent", secret: "s")
  private static let auditor: Set<String> = [
    "VM.Audit", "Sys.Audit", "SDN.Audit", "Pool.Audit", "VM.GuestAgent.Audit",
  ]

  /// Rights as reported by PVE, from the privileges on each path; an unlisted path inherits them.
  private static func rights(
    _ paths: [String: Set<String>], user: [String: Set<String>]? = nil, acl: [ACLEntry] = []
  ) -> Rights {
    Rights(own: reach(paths), user: user.map(reach), acl: acl)
  }

  private static func reach(_ paths: [String: Set<String>]) -> Rights.Reach {
    let listed = EffectivePermissions(paths.mapValues { Dictionary(uniqueKeysWithValues: $0.map { ($0, true) }) })
    let onPaths = Dictionary(uniqueKeysWithValues: PrivilegeNeed.paths.map { ($0, listed.privileges(on: $0)) })
    return Rights.Reach(listed: listed, onPaths: onPaths)
  }

  private func checks(
    _ rights: Rights, version: Int = 9, credentials: ProxmoxCredentials = token
  ) -> [Finding] {
    PrivilegeCheck(principal: Principal(credentials), version: version, rights: rights).checks
  }

  private func check(_ topic: String, _ checks: [Finding], _ severity: Severity) throws -> Finding {
    try #require(checks.first { $0.topic == topic && $0.severity == severity }, "\(checks)")
  }

  @Test("Everything is well for an auditor of PVE 9")
  func auditor() {
    let checks = checks(Self.rights(["/": Self.auditor]))
    #expect(checks.allSatisfy { $0.severity == .ok }, "\(checks)")
    #expect(
      checks.map(\.topic) == ["VM.Audit", "Sys.Audit", "SDN.Audit", "VM.GuestAgent.Audit", "Pool.Audit"])
  }

  @Test("Guest agents take another right on each version")
  func guestAgentByVersion() throws {
    let old = try check("VM.Monitor", checks(Self.rights(["/": Self.auditor]), version: 8), .warning)
    #expect(
      old.commands == [
        "pveum role add ScoutReader --privs 'VM.Audit VM.Monitor'",
        "pveum acl modify /vms --users pvescout@pve --tokens 'pvescout@pve!agent' --roles ScoutReader",
      ])
    let new = checks(Self.rights(["/": ["VM.Audit", "Sys.Audit", "SDN.Audit", "VM.Monitor"]]))
    let missing = try check("VM.GuestAgent.Audit", new, .warning)
    #expect(missing.found.contains("VM.Monitor"), "it tells where the old right went: \(missing.found)")
    #expect(!new.contains { $0.topic == "VM.Monitor" })
    let seven = checks(Self.rights(["/": ["VM.Audit"]]), version: 7)
    #expect(!seven.contains { $0.topic == "SDN.Audit" }, "PVE 7 shows bridges to everybody")
  }

  @Test("A list that is empty for lack of rights is distinguished from an empty one")
  func emptyBecauseForbidden() throws {
    let checks = checks(Self.rights(["/": ["Sys.Audit"]]))
    let check = try check("VM.Audit", checks, .problem)
    #expect(check.found.contains("empty because it is forbidden"))
    #expect(
      check.commands == [
        "pveum acl modify / --users pvescout@pve --tokens 'pvescout@pve!agent' --roles PVEAuditor"
      ])
  }

  @Test("For a token without any right, the remedy explains privilege separation")
  func nothing() throws {
    let check = try check("rights", checks(Self.rights([:])), .problem)
    #expect(check.found.contains("privilege separation") && check.found.contains("pvescout@pve!agent"))
  }

  @Test("A token that may less than its user needs a grant of its own, its user none")
  func separatedToken() throws {
    let checks = checks(Self.rights(["/": ["Sys.Audit"]], user: ["/": Self.auditor]))
    let check = try check("VM.Audit", checks, .problem)
    #expect(check.found.contains("privileges are separated"), "\(check.found)")
    #expect(
      check.commands == [
        "pveum acl modify / --tokens 'pvescout@pve!agent' --roles PVEAuditor"
      ])
  }

  @Test("A token with all rights of its user needs no grant of its own")
  func unseparatedToken() throws {
    var rights = Self.rights(["/": ["Sys.Audit"]], user: ["/": ["Sys.Audit"]])
    rights.account = UserAccount(tokens: ["agent": .init(isSeparated: false)])
    let check = try check("VM.Audit", checks(rights), .problem)
    #expect(check.commands == ["pveum acl modify / --users pvescout@pve --roles PVEAuditor"])
  }

  @Test("root@pam has every right, its token has not")
  func tokenOfRoot() throws {
    let root = ProxmoxCredentials.token(id: "root@pam!agent", secret: "s")
    let check = try check("VM.Audit", checks(Self.rights(["/": ["Sys.Audit"]]), credentials: root), .problem)
    #expect(check.commands == ["pveum acl modify / --tokens 'root@pam!agent' --roles PVEAuditor"])
  }

  @Test("A login with a password is granted to the user alone")
  func login() throws {
    let user = ProxmoxCredentials.password(username: "watcher@pve", password: "p")
    let check = try check("VM.Audit", checks(Self.rights(["/": ["Sys.Audit"]]), credentials: user), .problem)
    #expect(check.commands == ["pveum acl modify / --users watcher@pve --roles PVEAuditor"])
  }

  @Test("A role on a deeper path replaces the inherited one, and is named")
  func replaced() throws {
    let rights = Self.rights(
      ["/": Self.auditor, "/vms": ["VM.PowerMgmt"]], user: ["/": Self.auditor, "/vms": ["VM.PowerMgmt"]],
      acl: [
        ACLEntry(path: "/", holder: .token, name: "pvescout@pve!agent", role: "PVEAuditor"),
        ACLEntry(path: "/vms", holder: .user, name: "pvescout@pve", role: "Power"),
        ACLEntry(path: "/vms", holder: .user, name: "somebody@pve", role: "Other"),
      ])
    let check = try check("VM.Audit", checks(rights), .problem)
    #expect(check.found.contains("the role Power of user pvescout@pve on /vms replaces"), "\(check.found)")
    #expect(!check.found.contains("Other"))
    #expect(check.commands == ["pveum acl modify /vms --users pvescout@pve --roles PVEAuditor"])
    #expect(try self.check("Sys.Audit", checks(rights), .ok).found.contains("/"))
  }

  @Test("No role is suggested on a path where it would replace inherited ones")
  func grantsBesideWhatIsThere() throws {
    let rights = Self.rights(
      ["/": ["Sys.Audit"], "/vms": ["VM.PowerMgmt"]], user: ["/": ["Sys.Audit"]],
      acl: [
        ACLEntry(path: "/", holder: .user, name: "pvescout@pve", role: "Sys"),
        ACLEntry(path: "/vms", holder: .token, name: "pvescout@pve!agent", role: "Power"),
      ])
    let check = try check("VM.Audit", checks(rights), .problem)
    #expect(
      check.commands == [
        "pveum acl modify / --users pvescout@pve --roles PVEAuditor",
        "pveum acl modify /vms --tokens 'pvescout@pve!agent' --roles PVEAuditor",
      ])
  }

  @Test("A role on single guests hides those")
  func replacedOnAGuest() throws {
    let rights = Self.rights(["/": Self.auditor, "/vms/105": ["VM.PowerMgmt"], "/vms/106": Self.auditor])
    let check = try check("VM.Audit", checks(rights), .warning)
    #expect(check.found.contains("/vms/105") && !check.found.contains("/vms/106"), "\(check.found)")
    #expect(check.commands.allSatisfy { $0.hasPrefix("pveum acl modify /vms/105 ") })
  }

  @Test("Rights on some guests only are a warning that names them")
  func partial() throws {
    let check = try check("VM.Audit", checks(Self.rights(["/vms/101": ["VM.Audit"]])), .warning)
    #expect(check.found.contains("granted on /vms/101 only"), "\(check.found)")
  }

  @Test("A privilege that is not handed down holds on its path alone")
  func propagation() {
    let permissions = EffectivePermissions(["/": ["VM.Audit": false, "Sys.Audit": true]])
    #expect(permissions.privileges(on: "/") == ["VM.Audit", "Sys.Audit"])
    #expect(permissions.privileges(on: "/vms/101") == ["Sys.Audit"])
  }
}
