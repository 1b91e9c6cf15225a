import ProxmoxAPI
import Testing

@testable import Diagnosis

@Suite("LoginCheck") struct LoginCheckTests {
  private static let now = 1_800_000_000
  private let examination = LoginCheck(
    principal: Principal(.token(id: "pvescout@pve!agent", secret: "hush")), now: now)

  @Test("The remedy for a refused token shows how to find the cause")
  func refusedToken() {
    let check = examination.refused(.unauthorized("401"), by: "https://10.0.0.11:8006")
    #expect(check.severity == .problem && check.topic == "token")
    let commands = check.commands
    #expect(commands.first == "pveum user token list pvescout@pve")
    #expect(commands.contains("pveum user token add pvescout@pve agent --privsep 1"))
    #expect(commands.contains("pveum user token modify pvescout@pve agent --expire 0"))
    #expect(commands.last == "pveum acl modify / --users pvescout@pve --tokens 'pvescout@pve!agent' --roles PVEAuditor")
  }

  @Test("The remedy for a refused password is to set it again in PVE's own realm, or to use a token")
  func refusedPassword() {
    let addition = "pveum user token add pvescout@pve agent --privsep 1"
    for (user, command) in [("root@pam", addition), ("watcher@pve", "pveum passwd watcher@pve")] {
      let examination = LoginCheck(
        principal: Principal(.password(username: user, password: "hush")), now: Self.now)
      let check = examination.refused(.unauthorized("PVE refuses the login"), by: "https://10.0.0.11:8006")
      #expect(check.topic == "login" && check.commands.contains(command), "\(check)")
    }
  }

  static let ends: [(tokenEnd: Int?, userEnd: Int?, severity: Severity, commands: [String])] = [
    (nil, nil, .ok, []),
    (now + 90 * 86_400, nil, .ok, []),
    (now + 3 * 86_400, nil, .warning, ["pveum user token modify pvescout@pve agent --expire 0"]),
    (nil, now + 3 * 86_400, .warning, ["pveum user modify pvescout@pve --expire 0"]),
  ]

  @Test("A login that ends soon is a warning", arguments: ends)
  func ending(tokenEnd: Int?, userEnd: Int?, severity: Severity, commands: [String]) {
    let account = UserAccount(expires: userEnd, tokens: ["agent": .init(expires: tokenEnd)])
    let check = examination.accepted(by: "https://10.0.0.11:8006", version: "9.0.10", account: account)
    #expect(check.severity == severity && check.commands == commands, "\(check)")
    #expect(check.found.contains("privsep 1"))
  }
}
