import Diagnosis
import ProxmoxAPI
import Testing

@testable import Commands

/// What `setup` creates, depending on the version of PVE and on what is there.
@Suite struct SetupPlanTests {
  private static let user = "pvescout@pve"
  private static let token = "pvescout@pve!agent-cellar"

  private func plan(version: Int, _ change: (inout SetupPlan) -> Void = { _ in }) -> SetupPlan {
    var plan = SetupPlan(access: AgentAccess(user: Self.user, tokenName: "agent-cellar", version: version))
    change(&plan)
    return plan
  }

  private func entry(_ path: String, _ role: String, _ holder: ACLEntry.Holder) -> ACLEntry {
    ACLEntry(path: path, holder: holder, name: holder == .user ? Self.user : Self.token, role: role)
  }

  private let auditor = SetupStep.grant(role: "PVEAuditor", path: "/", users: [user], tokens: [token])

  @Test func PVE9NeedsNoRoleOfItsOwn() {
    #expect(
      plan(version: 9).steps == [
        .user(Self.user), .token("agent-cellar", user: Self.user, replaces: false), auditor,
      ])
  }

  @Test(arguments: [7, 8]) func olderVersionsNeedARoleForGuestAgentsThatRepeatsVMAudit(version: Int) {
    #expect(
      plan(version: version).steps == [
        .user(Self.user), .role("ScoutReader", privileges: ["VM.Audit", "VM.Monitor"]),
        .token("agent-cellar", user: Self.user, replaces: false), auditor,
        .grant(role: "ScoutReader", path: "/vms", users: [Self.user], tokens: [Self.token]),
      ])
  }

  @Test func anotherMachineGrantsTheUserNothingTwice() {
    let plan = plan(version: 9) { $0.acl = [entry("/", "PVEAuditor", .user)] }
    #expect(plan.steps.last == .grant(role: "PVEAuditor", path: "/", users: [], tokens: [Self.token]))
  }

  @Test func aNewTokenIsGrantedItsRoleWhateverTheOldOneHad() {
    let plan = plan(version: 9) {
      $0.replacesToken = true
      $0.acl = [entry("/", "PVEAuditor", .user), entry("/", "PVEAuditor", .token)]
    }
    #expect(
      plan.steps == [
        .user(Self.user), .token("agent-cellar", user: Self.user, replaces: true),
        .grant(role: "PVEAuditor", path: "/", users: [], tokens: [Self.token]),
      ])
  }

  @Test func aTokenThatWorksIsOnlyGivenWhatItLacks() {
    let plan = plan(version: 8) {
      $0.keepsToken = true
      $0.acl = [entry("/", "PVEAuditor", .user), entry("/", "PVEAuditor", .token)]
    }
    #expect(
      plan.steps == [
        .role("ScoutReader", privileges: ["VM.Audit", "VM.Monitor"]),
        .grant(role: "ScoutReader", path: "/vms", users: [Self.user], tokens: [Self.token]),
      ])
  }

  @Test func nothingIsLeftToDoWhereAllIsGranted() {
    let plan = plan(version: 9) {
      $0.keepsToken = true
      $0.acl = [entry("/", "PVEAuditor", .user), entry("/", "PVEAuditor", .token)]
    }
    #expect(plan.steps.isEmpty)
  }

  /// A role that does not reach below / is none for the agent.
  @Test func aGrantThatDoesNotPropagateIsNone() {
    var flat = entry("/", "PVEAuditor", .user)
    flat.propagates = false
    let plan = plan(version: 9) { $0.acl = [flat] }
    #expect(plan.steps.contains(auditor) && plan.narrowGrant == flat)
  }

  /// PVE deletes it with the token.
  @Test func aTokensOwnNarrowGrantGoesWithIt() {
    var flat = entry("/", "PVEAuditor", .token)
    flat.propagates = false
    #expect(plan(version: 9) { ($0.acl, $0.keepsToken) = ([flat], true) }.narrowGrant == flat)
    #expect(plan(version: 9) { ($0.acl, $0.replacesToken) = ([flat], true) }.narrowGrant == nil)
  }

  @Test func aReplacedTokenKeepsItsOtherGrants() {
    var flat = entry("/vms/106", "ScoutWaker", .token)
    flat.propagates = false
    let plan = plan(version: 9) {
      $0.replacesToken = true
      $0.acl = [
        entry("/", "PVEAuditor", .user), entry("/", "PVEAuditor", .token), entry("/vms/105", "ScoutPower", .token),
        entry("/vms/105", "ScoutPower", .user), flat,
      ]
    }
    #expect(
      plan.steps.dropFirst(3) == [
        .grant(role: "ScoutPower", path: "/vms/105", users: [], tokens: [Self.token]),
        .grant(role: "ScoutWaker", path: "/vms/106", users: [], tokens: [Self.token], propagates: false),
      ])
  }

  /// The role for PVE 8 replaces on /vms what is inherited, and has lost VM.Monitor.
  @Test func afterAnUpgradeAuditorsAreGrantedBesideTheOldRole() {
    let plan = plan(version: 9) {
      $0.keepsToken = true
      $0.acl = [
        entry("/", "PVEAuditor", .user), entry("/", "PVEAuditor", .token), entry("/vms", "ScoutReader", .user),
        entry("/vms", "ScoutReader", .token),
      ]
    }
    #expect(plan.steps == [.grant(role: "PVEAuditor", path: "/vms", users: [Self.user], tokens: [Self.token])])
  }

  @Test func rootIsGrantedNothing() {
    let plan = SetupPlan(access: AgentAccess(user: "root@pam", tokenName: "agent", version: 9))
    #expect(
      plan.steps.last == .grant(role: "PVEAuditor", path: "/", users: [], tokens: ["root@pam!agent"]))
  }

  @Test(arguments: [8, 9]) func theLinesForPveumDoTheSame(version: Int) {
    let access = plan(version: version).access
    let role = ["pveum role add ScoutReader --privs 'VM.Audit VM.Monitor'"]
    let agents = ["pveum acl modify /vms --users pvescout@pve --tokens 'pvescout@pve!agent-cellar' --roles ScoutReader"]
    #expect(
      access.commands == [
        "pveum user add pvescout@pve", "pveum user token add pvescout@pve agent-cellar --privsep 1",
      ] + (version < 9 ? role : []) + [
        "pveum acl modify / --users pvescout@pve --tokens 'pvescout@pve!agent-cellar' --roles PVEAuditor"
      ] + (version < 9 ? agents : []))
  }
}
