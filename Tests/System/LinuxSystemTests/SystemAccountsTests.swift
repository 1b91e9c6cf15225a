import Foundation
import LinuxSystem
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SystemAccountsTests {
  @Test func findsEveryUserWithItsGroups() async throws {
    let users = try String(contentsOfFile: "/etc/passwd", encoding: .utf8).split(separator: "\n")
    for fields in users.map({ $0.split(separator: ":", omittingEmptySubsequences: false) }) where fields.count > 3 {
      let name = String(fields[0])
      let output = try await Program.run("/usr/bin/id", ["-G", name]).output
      let groups = Set(output.split { $0.isWhitespace }.compactMap { UInt32($0) })
      let user = try #require(SystemAccounts.user(named: name))
      #expect(UInt32(fields[2]) == user.id && UInt32(fields[3]) == user.group)
      #expect(Set(SystemAccounts.groups(of: user)) == groups, "\(name)")
      let isOnlyName = users.filter { $0.contains(":\(fields[2]):") }.count == 1
      #expect(!isOnlyName || SystemAccounts.user(user.id) == user)
    }
  }

  @Test func namesUsersAndGroups() {
    #expect(SystemAccounts.name(ofUser: 0) == "root")
    #expect(SystemAccounts.name(ofGroup: 0) == "root")
    #expect(SystemAccounts.group(named: "root") == 0)
  }

  @Test func doesNotInventUsersAndGroups() {
    #expect(SystemAccounts.user(named: "no-such-user") == nil)
    #expect(SystemAccounts.group(named: "no-such-group") == nil)
    #expect(SystemAccounts.name(ofUser: 3_999_999_999) == "3999999999")
    #expect(SystemAccounts.name(ofGroup: 3_999_999_999) == "3999999999")
  }
}
