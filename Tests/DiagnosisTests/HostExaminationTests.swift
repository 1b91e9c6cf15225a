import Foundation
import TestSupport
import Testing

@testable import Diagnosis

@Suite("HostExamination") struct HostExaminationTests {
  @Test("A group that is not there is a problem, with the line that makes it")
  func groups() {
    let host = HostFacts(stateDirectory: "/var/lib/pvescout", stateDirectoryFault: nil, user: "root", owner: "pvescout")
    let checks = HostExamination(
      host: host, groups: [("group", "pvescout", true), ("admin_group", "no such", false)]
    ).checks
    #expect(checks.map(\.severity) == [.ok, .ok, .problem])
    #expect(checks[2].commands == ["groupadd --system 'no such'"])
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
      let check = HostExamination(host: host, groups: []).checks[0]
      #expect(check.severity == .problem && check.found.contains(path))
      #expect(check.commands.contains { $0.hasPrefix("install -d ") && $0.hasSuffix(path) })
    }
  }
}
