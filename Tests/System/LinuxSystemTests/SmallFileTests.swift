import Foundation
import LinuxSystem
import Testing

@Suite(.timeLimit(.minutes(1))) struct SmallFileTests {
  /// Makes a folder for the test and removes it afterwards.
  private func withFolder(_ check: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "small-file-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try check(folder)
  }

  @Test(arguments: [0, 1, 100_000])
  func readsAllBytesAndThePermissions(count: Int) throws {
    try withFolder { folder in
      let path = folder.appending(path: "file").path
      let content = Data((0..<count).map { UInt8(truncatingIfNeeded: $0) })
      #expect(FileManager.default.createFile(atPath: path, contents: content, attributes: [.posixPermissions: 0o640]))
      let file = try SmallFile(path: path, limit: 100_000)
      #expect(Data(file.bytes) == content && file.permissions == 0o640)
    }
  }

  @Test func refusesWhatIsNoSmallFile() throws {
    try withFolder { folder in
      let path = folder.appending(path: "file").path
      #expect(FileManager.default.createFile(atPath: path, contents: Data(count: 11)))
      #expect(throws: SmallFile.Failure.tooLarge(bytes: 11)) { try SmallFile(path: path, limit: 10) }
      #expect(throws: SmallFile.Failure.directory) { try SmallFile(path: folder.path, limit: 10) }
      #expect(throws: SmallFile.Failure.notRegular) { try SmallFile(path: "/dev/null", limit: 10) }
      #expect(throws: SmallFile.Failure.system(ENOENT)) { try SmallFile(path: path + ".missing", limit: 10) }
    }
  }

  /// Opening a pipe would otherwise wait for a writer.
  @Test func doesNotWaitForThePeerOfAPipe() throws {
    try withFolder { folder in
      let path = folder.appending(path: "pipe").path
      #expect(mkfifo(path, 0o600) == 0)
      #expect(throws: SmallFile.Failure.notRegular) { try SmallFile(path: path, limit: 10) }
    }
  }

  @Test func followsALinkOnlyIfAsked() throws {
    try withFolder { folder in
      let (path, link) = (folder.appending(path: "file").path, folder.appending(path: "link").path)
      #expect(FileManager.default.createFile(atPath: path, contents: Data("a".utf8)))
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      #expect(try SmallFile(path: link, limit: 10).bytes == Array("a".utf8))
      #expect(throws: SmallFile.Failure.system(ELOOP)) { try SmallFile(path: link, limit: 10, followsLink: false) }
    }
  }

  @Test(arguments: ["/a/b.yml", "/a: 1.2/b.yml"])
  func aFingerprintContainsItsPath(path: String) {
    #expect(FileFingerprint.path(in: FileFingerprint.of(path)) == path)
  }
}
