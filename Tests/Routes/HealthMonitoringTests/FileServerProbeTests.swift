import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import HealthMonitoring

@Suite(.timeLimit(.minutes(5))) struct FileServerProbeTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func takesAReadableFolderForHealthy() async {
    let outcome = await FileServerProbe().probe(root: directory.path, timeout: .seconds(180))
    guard case .success(_, "folder readable") = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }

  @Test func saysWhatIsWrongWithAFolder() async throws {
    let file = try directory.write("x", to: "file")
    let missing = directory.file("missing")
    let probe = FileServerProbe()
    #expect(
      await probe.probe(root: file, timeout: .seconds(180)) == .failure(.folder(reason: "\(file) is no folder")))
    #expect(
      await probe.probe(root: missing, timeout: .seconds(180))
        == .failure(.folder(reason: "the folder \(missing) does not exist")))
    #expect(
      await probe.probe(root: "www", timeout: .seconds(180))
        == .impossible(reason: "the root 'www' is no absolute path"))
  }

  /// A shortage in the agent is no failure of the folder.
  @Test(arguments: [EMFILE, ENFILE, ENOMEM]) func saysNothingWhereTheAgentIsShortOfFiles(code: Int32) {
    #expect(FileServerProbe.outcome(of: "/srv", code: code) == .abandoned)
    #expect(FileServerProbe.outcome(of: "/srv", code: EIO) != .abandoned)
  }

  @Test func asksAFolderThatHangsOnlyOnceUntilItAnswers() async throws {
    let gate = DispatchSemaphore(value: 0)
    let checks = Mutex(0)
    let probe = FileServerProbe { _ in
      checks.withLock { $0 += 1 }
      gate.wait()
      return nil
    }
    let timedOut = ProbeOutcome.failure(.timedOut(phase: "reading the folder", after: .milliseconds(50)))
    for _ in 0..<3 {
      #expect(await probe.probe(root: "/srv/share", timeout: .milliseconds(50)) == timedOut)
    }
    try await eventually("the one check begins") { checks.withLock { $0 } == 1 ? true : nil }
    for _ in 0..<100 { gate.signal() }
    try await eventually("the folder answers again") {
      await probe.probe(root: "/srv/share", timeout: .seconds(180)).isSuccess ? true : nil
    }
  }
}
