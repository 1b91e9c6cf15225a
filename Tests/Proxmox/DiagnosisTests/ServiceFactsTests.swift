import Foundation
import TestSupport
import Testing

@testable import Diagnosis

@Suite("ServiceFacts") struct ServiceFactsTests {
  /// A user that exists on every Debian, and does not run the tests.
  private static let name = "nobody"
  private let folder: TemporaryDirectory
  private let secret: String
  private let configuration: String

  init() throws {
    folder = try TemporaryDirectory()
    secret = try folder.write("s3cret", to: "etc/home.secret")
    configuration = try folder.write("", to: "etc/pvescout.yml")
    for (path, mode) in [("", 0o755), ("etc", 0o755), ("etc/pvescout.yml", 0o644), ("etc/home.secret", 0o600)] {
      try setMode(mode, path)
    }
    try folder.write(
      "[Service]\n# User=root\nExecStart=/usr/bin/pvescout run --config \(configuration)\nUser=\(Self.name)\n",
      to: "units/pvescout.service")
  }

  private func setMode(_ mode: Int, _ name: String) throws {
    let path = name.isEmpty ? folder.path : folder.file(name)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  private func facts(_ configuration: String? = nil) -> ServiceFacts? {
    ServiceFacts(
      configuration: configuration ?? self.configuration, files: [secret],
      unitFolders: [folder.file("none"), folder.file("units")])
  }

  private var unreadable: [String]? {
    guard case .user(Self.name, _, let files) = facts() else { return nil }
    return files.map(\.path)
  }

  @Test("A secret of mode 600 is unreadable for the service, whichever user checks it")
  func seesWithTheEyesOfTheUnitsUser() throws {
    #expect(unreadable == [secret])
    try setMode(0o644, "etc/home.secret")
    #expect(unreadable == [])
    try setMode(0o700, "etc")
    #expect(unreadable == [folder.file("etc")], "told once for both files")
  }

  @Test("A group that a drop-in adds counts")
  func readsDropIns() throws {
    try setMode(0o640, "etc/home.secret")
    #expect(unreadable == [secret])
    let owner = try FileManager.default.attributesOfItem(atPath: secret)[.groupOwnerAccountName] as? String
    try folder.write(
      "[Service]\nSupplementaryGroups=\(try #require(owner))\n", to: "units/pvescout.service.d/groups.conf")
    #expect(unreadable == [])
  }

  @Test("The unit is not considered for another agent's file")
  func looksAtItsOwnFileOnly() {
    #expect(facts("/elsewhere/pvescout.yml") == nil)
    #expect(ServiceFacts(configuration: configuration, files: [], unitFolders: []) == nil)
  }

  @Test("A unit without --config runs the agent with the default file")
  func knowsTheDefault() {
    let unit = ServiceUnit(["ExecStart=/usr/bin/pvescout run\n"])
    #expect(unit.runs(configuration: "/etc/pvescout/pvescout.yml") && !unit.runs(configuration: configuration))
    #expect(unit.user == "root")
    #expect(ServiceUnit(["ExecStart=/usr/bin/pvescout run -c /a.yml\n"]).runs(configuration: "/a.yml"))
  }

  @Test("A user that does not exist is reported")
  func reportsAnUnknownUser() throws {
    try folder.write("[Service]\nUser=no-such-user\n", to: "units/pvescout.service.d/user.conf")
    #expect(facts() == .unknownUser("no-such-user"))
  }
}
