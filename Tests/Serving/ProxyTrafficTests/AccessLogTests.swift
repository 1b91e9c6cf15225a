import Foundation
import Logging
import TestSupport
import Testing

@testable import ProxyTraffic

@Suite(.timeLimit(.minutes(5))) struct AccessLogTests {
  private let folder: TemporaryDirectory
  private let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = folder.file("access.log")
  }

  private func makeLog(_ format: AccessLogConfiguration.Format = .combined) -> AccessLog {
    AccessLog(configuration(format), logger: Logger(label: "test"))
  }

  private func configuration(_ format: AccessLogConfiguration.Format = .combined) -> AccessLogConfiguration {
    var configuration = AccessLogConfiguration(path: path)
    configuration.format = format
    return configuration
  }

  private func lines(_ name: String = "access.log") throws -> [String] {
    try String(contentsOfFile: folder.file(name), encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test func doesNothingWhileItIsOff() async {
    let log = AccessLog(nil, logger: Logger(label: "test"))
    #expect(!log.isOn)
    log.log(.sample)
    await log.flush()
    #expect(log.dropped == 0)
  }

  @Test func writesWithoutBeingAskedAndTheRestWhenItEnds() async throws {
    let log = makeLog()
    #expect(log.isOn)
    let running = Task { try await log.run() }
    log.log(.sample)
    try await eventually("no line was written") { try? lines().count == 1 ? true : nil }
    for _ in 0..<100 { log.log(.sample) }
    running.cancel()
    try await running.value
    #expect(try lines().count == 101)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(try #require(mode) & 0o137 == 0)
  }

  @Test func makesItsFileBeforeTheFirstRequest() async throws {
    let log = makeLog()
    await log.flush()
    #expect(try lines().isEmpty)
  }

  @Test func followsItsFileWhenThatIsMovedOrRemoved() async throws {
    let log = makeLog()
    log.log(.sample)
    await log.flush()
    try FileManager.default.moveItem(atPath: path, toPath: folder.file("access.log.1"))
    for _ in 0..<2 { log.log(.sample) }
    await log.flush()
    #expect(try lines("access.log.1").count == 1)
    #expect(try lines().count == 2)
    try FileManager.default.removeItem(atPath: path)
    log.log(.sample)
    await log.flush()
    #expect(try lines().count == 1)
  }

  @Test func goesOnBehindATruncatedFile() async throws {
    let log = makeLog()
    for _ in 0..<5 { log.log(.sample) }
    await log.flush()
    try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 0)
    log.log(.sample)
    await log.flush()
    #expect(try lines().count == 1)
    #expect(try lines().first?.hasPrefix("192.0.2.7 ") == true)
  }

  @Test func reopensItsFileOnRequest() async throws {
    let log = makeLog()
    await log.flush()
    try FileManager.default.removeItem(atPath: path)
    log.reopen()
    try await eventually("the file did not come back") { FileManager.default.fileExists(atPath: path) ? true : nil }
  }

  @Test func changesItsFormAndEndsWhenToldSo() async throws {
    let log = makeLog()
    log.log(.sample)
    log.replace(configuration(.json))
    log.log(.sample)
    log.replace(nil)
    #expect(!log.isOn)
    log.log(.sample)
    await log.flush()
    #expect(try lines().map { $0.prefix(1) } == ["1", "{"])
  }

  @Test(arguments: [
    (AccessLogConfiguration.Format.combined, "# 3 requests are missing here: the log could not be written as fast"),
    (.json, #"{"dropped":3}"#),
  ])
  func countsAndReportsLostRecords(format: AccessLogConfiguration.Format, remark: String) async throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let log = makeLog(format)
    for _ in 0..<3 { log.log(.sample) }
    await log.flush()
    #expect(log.dropped == 3)
    try FileManager.default.removeItem(atPath: path)
    log.log(.sample)
    await log.flush()
    #expect(log.dropped == 3)
    #expect(try lines().first == remark)
    #expect(try lines().count == 2)
  }

  @Test func doesNotBlockOnAPipeWithoutReader() async throws {
    #expect(mkfifo(path, 0o600) == 0)
    let log = makeLog()
    log.log(.sample)
    await log.flush()
    #expect(log.dropped == 1)
  }

  /// Whole lines from many tasks: as many as were not dropped.
  @Test func keepsLinesWholeUnderLoad() async throws {
    let log = makeLog(.json)
    await withTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          for number in 0..<5000 {
            log.log(.sample)
            if number.isMultiple(of: 100) { await Task.yield() }
          }
        }
      }
    }
    await log.flush()
    let lines = try lines().filter { !$0.hasPrefix("{\"dropped") }
    #expect(lines.count == 20_000 - log.dropped)
    #expect(lines.allSatisfy { $0.hasPrefix("{\"time\"") && $0.hasSuffix("\"total_us\":1210}") })
  }
}

@Suite struct LogBacklogTests {
  private let line = AccessLine.combined(.sample)

  @Test func asksForADrainOnceWhenItIsHalfFull() {
    var backlog = LogBacklog()
    let half = LogBacklog.capacity / 2 / line.bytes.count
    for _ in 0..<half { #expect(backlog.add(line) == .added) }
    #expect(backlog.add(line) == .drainIsDue)
    #expect(backlog.add(line) == .added)
  }

  @Test func dropsAndCountsWhatHasNoRoom() {
    var backlog = LogBacklog()
    let all = LogBacklog.capacity / line.bytes.count
    for _ in 0..<all { #expect(backlog.add(line) != .dropped) }
    for _ in 0..<3 { #expect(backlog.add(line) == .dropped) }
    let lines = backlog.removeAll(reusing: [])
    #expect(lines.dropped == 3)
    #expect(lines.bytes.count == all * line.bytes.count)
    #expect(backlog.dropped == 0)
    #expect(backlog.bytes.isEmpty)
    #expect(backlog.add(line) == .added)
  }
}
