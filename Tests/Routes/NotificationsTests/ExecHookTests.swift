import Foundation
import Glibc
import Logging
import TestSupport
import Testing

@testable import Notifications

@Suite(.timeLimit(.minutes(5))) struct ExecHookTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func run(
    _ script: String, _ arguments: String..., environment: [String: String] = [:], timeout: Duration = .seconds(120),
    limit: Int = 4096
  ) async throws -> HookProcess.Ended {
    // Not the file itself: a program started by another test may still have it open for writing, which makes it busy.
    let path = try folder.write("\(script)\n", to: "hook")
    let process = HookProcess(
      arguments: ["/bin/sh", path] + arguments,
      environment: environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own },
      timeout: timeout, outputLimit: limit)
    return await process.run()
  }

  private func text(_ ended: HookProcess.Ended) -> String { String(decoding: ended.output, as: UTF8.self) }

  @Test(arguments: [("exit 0", HookProcess.End.exited(0)), ("exit 7", .exited(7)), ("kill -9 $$", .signalled(9))])
  func reportsHowItEnded(_ script: String, _ expected: HookProcess.End) async throws {
    #expect(try await run(script).end == expected)
  }

  @Test func passesArgumentsAndEnvironmentAsTheyAre() async throws {
    let ended = try await run(
      "printf '%s|' \"$@\" \"$FACT\"; echo oops >&2", "a b", "$(id)", environment: ["FACT": "*; $x"])
    #expect(text(ended) == "a b|$(id)|*; $x|oops\n")
  }

  @Test func readsNothingAndInheritsNothing() async throws {
    let held = open("/dev/null", O_RDONLY)
    defer { close(held) }
    let ended = try await run("cat; ls /proc/self/fd | tr '\\n' ' '; env | grep -v '^PATH=\\|^PWD=\\|^_=\\|^SHLVL='")
    #expect(text(ended).hasPrefix("0 1 2 "), "\(text(ended))")
    #expect(!text(ended).contains("="), "\(text(ended))")
  }

  @Test func inheritsNothingThatIsOpenedMeanwhile() async throws {
    let opening = Task.detached {
      while !Task.isCancelled {
        let descriptors = (1...200).map { _ in open("/dev/null", O_RDONLY) }
        for descriptor in descriptors { close(descriptor) }
        await Task.yield()
      }
    }
    defer { opening.cancel() }
    for _ in 1...20 { #expect(text(try await run("ls /proc/self/fd | tr '\\n' ' '")).hasPrefix("0 1 2 ")) }
  }

  @Test func keepsTheBeginningOfALongOutput() async throws {
    let ended = try await run("yes | head -c 1000000; exit 3", limit: 10)
    #expect(ended.end == .exited(3))
    #expect(text(ended) == "y\ny\ny\ny\ny\n")
  }

  @Test func isKilledWithAllItStartedWhenItTakesTooLong() async throws {
    var started: pid_t?
    // On a slow machine, the script may have done nothing within a short time.
    for timeout in [2, 10, 60] where started == nil {
      let ended = try await run("sleep 3600 & echo $!; wait", timeout: .seconds(timeout))
      #expect(ended.end == .timedOut)
      started = pid_t(text(ended).split(separator: "\n").first.map(String.init) ?? "")
    }
    let child = try #require(started)
    try await eventually("the child is gone") { kill(child, 0) != 0 || Self.isZombie(child) ? true : nil }
  }

  /// A background child that keeps the output open does not delay the end.
  @Test func doesNotWaitForWhatItLeavesBehind() async throws {
    let ended = try await run("sleep 3600 & echo $!")
    #expect(ended.end == .exited(0))
    let child = try #require(pid_t(text(ended).split(separator: "\n").first.map(String.init) ?? ""))
    kill(child, SIGKILL)
  }

  @Test func isSeenToEndThoughItClosedItsOutput() async throws {
    #expect(try await run("exec >&- 2>&-; exit 4").end == .exited(4))
  }

  @Test func isKilledWhenItsTaskIsCancelled() async throws {
    let mark = folder.file("started")
    let task = Task { try await run("echo > '\(mark)'; sleep 3600") }
    try await eventually("it runs") { FileManager.default.fileExists(atPath: mark) ? true : nil }
    task.cancel()
    #expect(try await task.value.end == .cancelled)
  }

  @Test func reportsWhyItCannotStart() async {
    let process = HookProcess(
      arguments: [folder.file("none")], environment: [:], timeout: .seconds(120), outputLimit: 10)
    #expect(await process.run().end == .notStarted(reason: "No such file or directory"))
  }

  @Test func getsEveryFactAndNoSecretOfTheAgents() throws {
    let hook = try #require(
      ExecHook(arguments: ["true"], environment: ["PATH": "/bin", "HOME": "/root", "NTFY_TOKEN": "geheim"]))
    let facts = hook.environment(for: try Samples.down(cause: "guest 105 is stopped"))
    #expect(
      facts == [
        "PATH": "/bin", "HOME": "/root", "PVESCOUT_EVENT": "down", "PVESCOUT_TITLE": "plex is down",
        "PVESCOUT_MESSAGE": "guest 105 is stopped\nhttp://10.0.0.50:32400, guest 105 (plex) on pve1",
        "PVESCOUT_KEY": "plex", "PVESCOUT_ALIAS": "plex", "PVESCOUT_PROVIDER": "file:routes",
        "PVESCOUT_STATUS": "unhealthy", "PVESCOUT_PREVIOUS": "healthy", "PVESCOUT_CAUSE": "guest 105 is stopped",
        "PVESCOUT_DETAIL": "refused", "PVESCOUT_TARGET": "http://10.0.0.50:32400",
        "PVESCOUT_SINCE": "2026-09-21T14:13:20Z", "PVESCOUT_DOWN_SECONDS": "", "PVESCOUT_CLUSTER": "home",
        "PVESCOUT_NODE": "pve1", "PVESCOUT_GUEST": "105", "PVESCOUT_GUEST_NAME": "plex",
      ])
  }

  @Test func anyExitButZeroIsAFailure() async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    for (program, expected) in [
      ("true", DeliveryResult.delivered(answer: "it exited with 0")), ("false", .failed(reason: "it exited with 1")),
    ] {
      let hook = try #require(ExecHook(arguments: [program], timeout: .seconds(120), environment: [:]))
      #expect(await hook.deliver(try Samples.down(), logger: logger) == expected)
    }
  }

  private static func isZombie(_ processID: pid_t) -> Bool {
    let status = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
    return status?.contains(") Z ") ?? true
  }
}
