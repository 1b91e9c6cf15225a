import Foundation
import Testing

/// The places, names and lengths of files.
@Suite struct LayoutTests {
  @Test func theVisibleTopLevelIsTheUsers() throws {
    let visible = try FileManager.default.contentsOfDirectory(atPath: SourceTree.root.path)
      .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
    #expect(Set(visible) == ["Package.swift", "Sources", "Tests", "config", "systemd", "README.md"])
  }

  @Test(arguments: ["Sources", "Tests"])
  func noFileIsLongerThanAPersonReads(folder: String) throws {
    for file in try SourceTree.files(below: folder) {
      #expect(file.lines.count <= 400, "\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test(arguments: ["Sources", "Tests"])
  func everyNameSaysWhatIsInside(folder: String) throws {
    let empty = ["Util", "Utils", "Utilities", "Helper", "Helpers", "Common", "Constants", "Misc"]
    for file in try SourceTree.files(below: folder) {
      for part in file.path.dropLast(".swift".count).split(separator: "/") {
        #expect(!empty.contains { part.hasSuffix($0) }, "\(file.path)")
      }
    }
  }

  /// Memory contains tokens.
  @Test func theUnitWritesNoCore() throws {
    let unit = try String(
      contentsOf: SourceTree.root.appendingPathComponent("systemd/pvescout.service"), encoding: .utf8)
    #expect(unit.split(separator: "\n").contains("LimitCORE=0"))
  }

  @Test func noFileIsEmptyOfCode() throws {
    for file in try SourceTree.files(below: "Sources") + SourceTree.files(below: "Tests") {
      #expect(file.lines.contains { !$0.isEmpty && !$0.hasPrefix("//") }, "\(file.path)")
    }
  }

  /// `eventually` is the only place in tests that waits. An hour means "never": such sleeps are cancelled.
  @Test func noTestSleepsForAFixedTime() throws {
    for file in try SourceTree.files(below: "Tests") where file.path != "Tests/TestSupport/Eventually.swift" {
      let sleeps = file.lines.contains { $0.contains("sleep" + "(") && !$0.contains(".seconds(3600)") }
      #expect(!sleeps, "\(file.path) sleeps: wait for the condition with `eventually`")
    }
  }
}
