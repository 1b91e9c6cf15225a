import ProxmoxAPI
import Testing

@testable import Diagnosis

@Suite("ControlExamination") struct ControlExaminationTests {
  private func checks(_ granted: [Int: Set<String>], version: Int = 9) -> [Finding] {
    let reach = Rights.Reach(listed: EffectivePermissions(), onPaths: [:])
    return ControlExamination(
      principal: Principal(.token(id: "pvescout@pve!agent", secret: "s")), version: version,
      rights: Rights(own: reach), granted: granted
    ).checks
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
