import Foundation
import ProxmoxAPI
import TestSupport
import Testing

@testable import Diagnosis

/// PVE accepts every `pveum` line that is shown to a person.
@Suite("pveum lines") struct PVEUMLineTests {
  private static let principals: [ProxmoxCredentials] = [
    .token(id: "pvescout@pve!agent", secret: "s"), .token(id: "root@pam!a.b-c_d", secret: "s"),
    .token(id: "o'neill@ldap-1!agent", secret: "s"), .password(username: "watcher@pve", password: "p"),
    .password(username: "root@pam", password: "p"),
  ]

  /// Possible rights by path.
  private static let rights: [[String: Set<String>]] = [
    [:], ["/": ["Sys.Audit"]], ["/": ["VM.Audit"]], ["/": ["VM.Audit", "Sys.Audit", "SDN.Audit", "Pool.Audit"]],
    ["/vms": ["VM.PowerMgmt"]], ["/vms/105": ["VM.Audit"]], ["/pool/media": ["Pool.Audit"], "/vms/105": ["VM.Audit"]],
    ["/": ["VM.Audit", "Sys.Audit"], "/vms/105": []], ["/sdn/zones/localnetwork": ["SDN.Use"]],
  ]

  @Test("Of the doctor, whatever is missing", arguments: [7, 8, 9])
  func ofTheDoctor(version: Int) {
    for credentials in Self.principals {
      let principal = Principal(credentials)
      // root@pam itself has all rights.
      let rows = principal.isRoot && principal.token == nil ? [] : Self.rights
      var findings = rows.flatMap { own in
        Self.rights.flatMap { user in
          PrivilegeCheck(principal: principal, version: version, rights: Self.rights(own, user, principal)).checks
        }
      }
      let login = LoginCheck(principal: principal, now: 1_800_000_000)
      findings.append(login.refused(.unauthorized("401"), by: "https://10.0.0.11:8006"))
      let account = UserAccount(expires: 1_800_000_001, tokens: ["agent": .init(expires: 1_800_000_001)])
      findings.append(login.accepted(by: "https://10.0.0.11:8006", version: "\(version)", account: account))
      for finding in findings {
        var rules = PVEUMRules(version: version)
        for command in finding.commands { #expect(rules.refusal(of: command) == nil, "PVE \(version)") }
      }
    }
  }

  /// The lines for PVE 8 follow those for PVE 9, and are for PVE 8 only.
  @Test("Of the documentation and the example files")
  func ofTheDocumentation() throws {
    let lines = try Self.documents().flatMap { path in
      try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.hasPrefix("pveum ") }
    }
    #expect(lines.contains { $0.hasPrefix("pveum role add ") }, "the recipe for PVE 8 is somewhere")
    var rules = PVEUMRules(version: 8)
    for line in lines { #expect(rules.refusal(of: line) == nil) }
  }

  @Test(
    "What PVE refuses is found",
    arguments: [
      "pveum role add PveScoutVM --privs 'VM.Audit VM.Monitor'", "pveum role add pVeX --privs VM.Audit",
      "pveum role add Mine --privs VM.Reader", "pveum acl modify /vm --users a@pve --roles PVEAuditor",
      "pveum acl modify / --roles PVEAuditor", "pveum acl modify / --users a@pve --roles Mine",
      "pveum acl modify /vms/5 --users a@pve --roles PVEAuditor", "pveum user token add a@pve x --privsep 1",
      "pveum user token add a@pve 1st --privsep 1", "pveum user add a", "pveum user add a@pve!t",
      "pveum acl modify / --tokens a@pve!agent --roles PVEAuditor", "pveum users list", "pvesh get /version",
    ])
  func refusal(line: String) {
    var rules = PVEUMRules(version: 8)
    #expect(rules.refusal(of: line) != nil)
  }

  @Test("A right is taken by the versions that have it")
  func privilegesByVersion() {
    for (version, privilege, isTaken) in [
      (8, "VM.Monitor", true), (9, "VM.Monitor", false), (8, "VM.GuestAgent.Audit", false),
    ] {
      var rules = PVEUMRules(version: version)
      #expect((rules.refusal(of: "pveum role add Mine --privs \(privilege)") == nil) == isTaken)
    }
  }

  private static func rights(
    _ own: [String: Set<String>], _ user: [String: Set<String>], _ principal: Principal
  ) -> Rights {
    var rights = Rights(own: reach(own), user: principal.token == nil ? nil : reach(user))
    rights.acl = own.keys.sorted().filter { $0 != "/" }.map { path in
      ACLEntry(
        path: path, holder: principal.token == nil ? .user : .token, name: principal.token ?? principal.user, role: "X")
    }
    return rights
  }

  private static func reach(_ paths: [String: Set<String>]) -> Rights.Reach {
    let listed = EffectivePermissions(paths.mapValues { Dictionary(uniqueKeysWithValues: $0.map { ($0, true) }) })
    let onPaths = Dictionary(uniqueKeysWithValues: PrivilegeNeed.paths.map { ($0, listed.privileges(on: $0)) })
    return Rights.Reach(listed: listed, onPaths: onPaths)
  }

  /// All Markdown files and examples of the package.
  private static func documents() throws -> [String] {
    let folders = ["", "config", "Sources", ".github"].map { "\(Checkout.root)/\($0)" }
    let nested = folders.dropFirst().flatMap { folder in
      (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).map { "\(folder)/\($0)" }
    }
    let top = try FileManager.default.contentsOfDirectory(atPath: Checkout.root).map { "\(Checkout.root)/\($0)" }
    return (top + nested).filter { $0.hasSuffix(".md") || $0.hasSuffix(".yml") }.sorted()
  }
}
