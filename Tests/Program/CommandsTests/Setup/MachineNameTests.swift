import Testing

@testable import Commands

@Suite struct MachineNameTests {
  @Test(arguments: [
    ("cellar", "agent-cellar"), ("cellar.home.example", "agent-cellar"), ("3com", "agent-3com"),
    ("kühl schrank", "agent-k-hl-schrank"), ("", "agent"),
    (String(repeating: "x", count: 80), "agent-" + String(repeating: "x", count: 40)),
  ])
  func aTokenHasTheNameOfItsMachine(host: String, token: String) {
    #expect(MachineName.token(ofHost: host) == token)
    #expect(MachineName.problem(withToken: token) == nil)
  }

  /// PVE refuses these, or they would break the call's path.
  @Test(arguments: ["a", "1st", "a b", "a!b", "a/b", "ä1", "", String(repeating: "x", count: 65)])
  func refusesWhatIsNoName(name: String) { #expect(MachineName.problem(withToken: name) != nil) }
}
