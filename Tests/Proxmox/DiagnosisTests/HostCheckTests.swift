import Foundation
import TestSupport
import Testing

@testable import Diagnosis

@Suite("HostCheck") struct HostCheckTests {
  private static let host = HostFacts(
    stateDirectory: "/var/lib/pvescout", stateDirectoryFault: nil, user: "root", owner: "pvescout")

  @Test("Files that the service's user cannot read are a problem, with the lines that mend it")
  func service() {
    func check(_ service: ServiceFacts?) -> Finding? {
      let checks = HostCheck(host: Self.host, service: service).checks
      return checks.count == 2 ? checks[1] : nil
    }
    #expect(check(nil) == nil)
    #expect(check(.user("pvescout", group: "pvescout", unreadable: []))?.severity == .ok)
    let secret = FileFault(path: "/etc/pvescout/home.secret", mode: 0o600, isFolder: false)
    let kept = check(.user("pvescout", group: "scouts", unreadable: [secret]))
    #expect(kept?.severity == .problem)
    #expect(kept?.found.contains("/etc/pvescout/home.secret (mode 600)") == true)
    #expect(kept?.commands == ["chgrp scouts /etc/pvescout/home.secret", "chmod 640 /etc/pvescout/home.secret"])
    #expect(check(.unknownUser("nobody9"))?.commands.first?.hasPrefix("useradd ") == true)
  }

  @Test("A state directory that is a file, or cannot be made, is a problem")
  func stateDirectory() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.write("", to: "file")
    #expect(HostFacts(lookingAt: folder.path).stateDirectoryFault == nil)
    #expect(HostFacts(lookingAt: folder.file("new/state")).stateDirectoryFault == nil, "the agent makes it")
    #expect(!FileManager.default.fileExists(atPath: folder.file("new")), "and nobody else")
    for path in [file, file + "/state"] {
      let host = HostFacts(lookingAt: path)
      #expect(host.stateDirectoryFault != nil)
      let check = HostCheck(host: host, service: nil).checks[0]
      #expect(check.severity == .problem && check.found.contains(path))
      #expect(check.commands.contains { $0.hasPrefix("install -d ") && $0.hasSuffix(path) })
    }
  }
}
