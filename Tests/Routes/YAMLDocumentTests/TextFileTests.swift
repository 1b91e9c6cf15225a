import Foundation
import Testing

@testable import YAMLDocument

@Suite struct TextFileTests {
  private func failure(of bytes: [UInt8]) -> String? {
    do {
      _ = try TextFile.decode(bytes)
      return nil
    } catch { return "\(error.position): \(error)" }
  }

  @Test(
    arguments: [
      (
        Array("a: \u{E9}".utf8) + [0x0A, 0x62, 0xE9, 0x0A], "2:2: the file is not UTF-8 from here on: save it as UTF-8"
      ),
      ([0xFF, 0xFE, 0x61, 0x00], "1:1: the file is UTF-16 text: save it as UTF-8"),
      (Array("ab\nc\u{0}".utf8), "2:2: the control character U+0000 is no text"),
      (Array("a: \u{1B}[1m".utf8), "1:4: the control character U+001B is no text"),
    ])
  func refusesWhatIsNoText(_ bytes: [UInt8], _ expected: String) {
    #expect(failure(of: bytes) == expected)
  }

  @Test func takesAByteOrderMarkAway() throws {
    #expect(try TextFile.decode([0xEF, 0xBB, 0xBF] + Array("a: 1\r\n".utf8)) == "a: 1\r\n")
  }

  @Test(
    arguments: [
      ("/nonexistent/file.yml", TextFile.Failure.missing), ("/", .directory), ("/dev/null", .notRegular),
      ("/etc/passwd/file.yml", .missing),
    ])
  func reportsWhyAFileCannotBeRead(_ path: String, _ expected: TextFile.Failure) {
    #expect(throws: expected) { try TextFile(path: path) }
  }

  /// Creates a file for the test and removes it afterwards.
  private func withFile(_ content: Data, permissions: Int, _ check: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "text-file-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try content.write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: file.path)
    try check(file.path)
  }

  @Test func readsAFileWithItsPermissions() throws {
    try withFile(Data("a: 1\n".utf8), permissions: 0o640) { path in
      let file = try TextFile(path: path)
      #expect(file.text == "a: 1\n")
      #expect(file.permissions == 0o640)
    }
  }

  @Test func refusesAFileThatIsFarTooLarge() throws {
    try withFile(Data(count: 5 << 20), permissions: 0o600) { path in
      #expect(throws: TextFile.Failure.tooLarge(bytes: 5 << 20)) { try TextFile(path: path) }
    }
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func reportsThatPermissionIsMissing() throws {
    try withFile(Data(), permissions: 0) { path in
      #expect(throws: TextFile.Failure.notPermitted) { try TextFile(path: path) }
    }
  }
}
