import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import Commands

@Suite struct NewFileTests {
  private let folder: TemporaryDirectory
  init() throws { folder = try TemporaryDirectory() }

  private func names() throws -> [String] {
    guard let stream = opendir(folder.path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.filter { $0 != "." && $0 != ".." }
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func hasItsModeBeforeItsContent() throws {
    let file = try NewFile(folder.file("home.secret"), mode: 0o640, group: nil)
    let draft = try #require(try names().first)
    #expect(mode(folder.file(draft)) == 0o640 && draft != "home.secret")
    try file.commit("secret\n")
    #expect(mode(folder.file("home.secret")) == 0o640)
    #expect(try String(contentsOfFile: folder.file("home.secret"), encoding: .utf8) == "secret\n")
  }

  @Test func overwritesNothing() throws {
    let path = try folder.write("mine", to: "pvescout.yml")
    let file = try NewFile(path, mode: 0o644, group: nil)
    #expect(throws: SystemError.self) { try file.commit("new") }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    try file.commit("", replacing: true)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
  }

  @Test func leavesNothingBehindThatWasNotCommitted() throws {
    var file: NewFile? = try NewFile(folder.file("a"), mode: 0o600, group: nil)
    #expect(try names().count == 1)
    withExtendedLifetime(file) {}
    file = nil
    #expect(try names().isEmpty)
  }
}
