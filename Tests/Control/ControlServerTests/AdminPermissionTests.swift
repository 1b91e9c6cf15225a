import Testing

@testable import ControlServer

/// The callers that may change something.
@Suite(.timeLimit(.minutes(5))) struct AdminPermissionTests {
  private static func peer(user: UInt32, group: UInt32) -> PeerCredentials {
    PeerCredentials(pid: 1, uid: user, gid: group)
  }

  /// `daemon` is a group with the ID 1 on every Debian.
  private static func permission(_ group: String?, groupsOfUsers groups: [UInt32: [UInt32]] = [:]) -> AdminPermission {
    AdminPermission(ownUser: 990, adminGroup: group) { groups[$0] ?? [] }
  }

  @Test func letsTheAgentsUserAndRoot() {
    #expect(Self.permission(nil).allows(Self.peer(user: 0, group: 7)))
    #expect(Self.permission(nil).allows(Self.peer(user: 990, group: 7)))
    #expect(!Self.permission(nil).allows(Self.peer(user: 4242, group: 1)))
  }

  @Test func letsMembersOfTheGroup() {
    #expect(Self.permission("daemon").allows(Self.peer(user: 4242, group: 1)))
    #expect(!Self.permission("daemon").allows(Self.peer(user: 4242, group: 2)))
    #expect(!Self.permission("no-such-group").allows(Self.peer(user: 4242, group: 1)))
  }

  /// The effect of `usermod -aG`; a process of such a user has another primary group.
  @Test func letsSupplementaryMembersOfTheGroup() {
    let permission = Self.permission("daemon", groupsOfUsers: [4242: [100, 1], 4343: [100, 2]])
    #expect(permission.allows(Self.peer(user: 4242, group: 100)))
    #expect(!permission.allows(Self.peer(user: 4343, group: 100)))
  }
}
