import ProxmoxAPI
import Testing

@testable import Diagnosis

@Suite("ControlCheck") struct ControlCheckTests {
  private func checks(
    _ granted: [Int: Set<String>], nodes: [String: Set<String>] = [:], version: Int = 9
  ) -> [Finding] {
    let reach = Rights.Reach(listed: EffectivePermissions(), onPaths: [:])
    return ControlCheck(
      principal: Principal(.token(id: "pvescout@pve!agent", secret: "s")), version: version,
      rights: Rights(own: reach),
      granted: Dictionary(uniqueKeysWithValues: granted.map { ("/vms/\($0)", $1) }).merging(nodes) { $1 }
    ).checks
  }

  @Test("Each node to be woken is listed as well") func namesNodes() throws {
    let findings = checks([:], nodes: ["/nodes/pve1": ["Sys.PowerMgmt"], "/nodes/pve2": ["Sys.Audit"]])
    let finding = try #require(findings.first)
    #expect(findings.count == 1 && finding.severity == .warning)
    #expect(finding.found.hasPrefix("missing on /nodes/pve2: "))
    let commands = finding.remedies.flatMap(\.commands)
    #expect(
      commands == [
        "pveum role add ScoutWaker --privs 'Sys.Audit Sys.PowerMgmt'",
        "pveum acl modify /nodes/pve2 --users pvescout@pve --tokens 'pvescout@pve!agent' --roles ScoutWaker",
      ])
    var rules = PVEUMRules(version: 9)
    for command in commands { #expect(rules.refusal(of: command) == nil) }
    #expect(
      checks([:], nodes: ["/nodes/pve1": ["Sys.PowerMgmt"]])
        == [.ok("Sys.PowerMgmt", "granted on 1 node that is woken for routes")])
  }

  @Test("Without a guest to start or stop no right is asked for") func asksForNothing() { #expect(checks([:]).isEmpty) }

  @Test("Each guest that lacks the right is named, with the lines that grant it", arguments: [8, 9])
  func namesGuests(version: Int) throws {
    let finding = try #require(
      checks([105: ["VM.Audit"], 106: ["VM.Audit", "VM.PowerMgmt"], 107: []], version: version).first)
    #expect(finding.severity == .warning)
    #expect(finding.found.hasPrefix("missing on /vms/105, /vms/107: "))
    let reading = version == 9 ? "VM.GuestAgent.Audit" : "VM.Monitor"
    let commands = finding.remedies.flatMap(\.commands)
    #expect(
      commands == [
        "pveum role add ScoutPower --privs 'VM.Audit \(reading) VM.PowerMgmt'",
        "pveum acl modify /vms/105 --users pvescout@pve --tokens 'pvescout@pve!agent' --roles ScoutPower",
        "pveum acl modify /vms/107 --users pvescout@pve --tokens 'pvescout@pve!agent' --roles ScoutPower",
      ])
    var rules = PVEUMRules(version: version)
    for command in commands { #expect(rules.refusal(of: command) == nil) }
  }

  @Test("With the right on all of them it says so") func isContent() {
    #expect(checks([105: ["VM.PowerMgmt"]]) == [.ok("VM.PowerMgmt", "granted on 1 guest that routes start or stop")])
  }
}
