import FoundationEssentials
import ProxmoxAPI
import Testing

@testable import GuestControl

/// What clients of the proxy may read of a failure.
@Suite struct ControlFailureTests {
  /// An address, a path and markup in PVE's words.
  private static let words = "<b>10.1.2.3</b> /etc/pve/nodes/pve1"

  static let failures: [ControlFailure] = [
    .taskFailed(words), .refused(words), .missingRight(words), .locked(words), .nodeUnreachable(words),
    .clusterUnreachable(words), .doesNotAnswer("10.1.2.3:80", within: .seconds(3)), .dependency("db", words),
    ControlFailure(ProxmoxError.server(status: 500, words)), ControlFailure(ProxmoxError.forbidden(nil, words)),
    ControlFailure(taskText: "CT is locked (\(words))") ?? .gone,
  ]

  @Test("Texts of PVE are not part of public messages", arguments: failures) func isOurOwn(failure: ControlFailure) {
    #expect(failure.description.contains("10.1.2.3"))
    #expect(!failure.publicText.contains("10.1.2.3"), "\(failure.publicText)")
    #expect(!failure.publicText.isEmpty)
  }

  @Test("PVE's locks are known by name", arguments: ["backup", "migrate", "snapshot", "rollback", "clone"])
  func namesLocks(lock: String) {
    #expect(ControlFailure.locked(lock).publicText.hasPrefix("it is locked by PVE (\(lock))"))
  }
}
