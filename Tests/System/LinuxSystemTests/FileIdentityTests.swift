import Foundation
import LinuxSystem
import Testing

@Suite(.timeLimit(.minutes(1))) struct FileIdentityTests {
  private func withFolder(_ check: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "file-identity-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try check(folder.path)
  }

  @Test func knowsTheKindWithoutFollowingALink() throws {
    try withFolder { folder in
      let (file, link, pipe) = ("\(folder)/file", "\(folder)/link", "\(folder)/pipe")
      #expect(FileIdentity(at: file) == nil)
      #expect(FileManager.default.createFile(atPath: file, contents: nil))
      #expect(symlink(file, link) == 0 && mkfifo(pipe, 0o600) == 0)
      #expect(FileIdentity(at: file)?.kind == .regular)
      #expect(FileIdentity(at: folder)?.kind == .directory)
      #expect(FileIdentity(at: link)?.kind == .symbolicLink)
      #expect(FileIdentity(at: pipe)?.kind == .special)
      #expect(FileIdentity(at: "/dev/null")?.kind == .special)
    }
  }

  /// The file that was replaced still has its second name, so that its inode cannot be that of the new one.
  @Test func differsIfTheFileWasReplacedAndNotIfItWasWritten() throws {
    try withFolder { folder in
      let (file, other) = ("\(folder)/file", "\(folder)/other")
      #expect(FileManager.default.createFile(atPath: file, contents: nil))
      let identity = try #require(FileIdentity(at: file))
      try Data("more".utf8).write(to: URL(filePath: file))
      #expect(FileIdentity(at: file) == identity)
      #expect(rename(file, other) == 0 && FileManager.default.createFile(atPath: file, contents: nil))
      #expect(FileIdentity(at: file) != identity && FileIdentity(at: other) == identity)
    }
  }
}
