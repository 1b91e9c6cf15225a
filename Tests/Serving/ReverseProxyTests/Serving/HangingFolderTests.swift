import Dispatch
import FileServing
import Foundation
import ProxyTraffic
import RouteModel
import RouteRegistry
import Synchronization
import TestSupport
import Testing

@testable import ReverseProxy

/// File servers on a disk that hangs.
@Suite(.timeLimit(.minutes(5))) struct HangingFolderTests {
  private let directory: TemporaryDirectory
  private let disk: HangingFolder

  init() throws {
    directory = try TemporaryDirectory()
    for folder in ["share", "local"] {
      try directory.write(folder, to: "\(folder)/index.html")
    }
    disk = HangingFolder(root: directory.file("share"))
  }

  private func serving(
    on folders: FolderThreadPools? = nil, timeout: Duration? = nil,
    configure: (inout ProxyConfiguration) -> Void = { _ in }, _ body: (RunningProxy) async throws -> Void
  ) async throws {
    let routes = [
      try RegisteredRoute.http("share", to: .files(root: disk.root)) { $0.responseHeaderTimeout = timeout },
      try .http("local", to: .files(root: directory.file("local"))),
    ]
    let folders = folders ?? FolderThreadPools { [disk] in disk.operate(in: $0) }
    // The threads would wait for ever if the test fails.
    defer { disk.recover() }
    try await RunningProxy.serving(routes, configure: configure, folders: folders, body)
  }

  private func get(_ host: String, _ proxy: RunningProxy) async throws -> RawMessage {
    let connection = try await proxy.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
    return try #require(try await connection.response())
  }

  @Test func aFolderThatHangsDelaysNoOther() async throws {
    disk.hang()
    try await serving { proxy in
      try await withThrowingTaskGroup { group in
        defer { disk.recover() }
        for _ in 0..<20 { group.addTask { try await get("share", proxy).text } }
        try await eventually("all of its threads wait") { disk.waiting == 4 ? () : nil }
        #expect(try await get("local", proxy).text == "local")
        #expect(disk.waiting == 4)
        disk.recover()
        for try await text in group { #expect(text == "share") }
      }
    }
  }

  @Test func aFolderThatHangsTimesOut() async throws {
    disk.hang()
    try await serving(timeout: .seconds(1)) { proxy in
      let answer = try await get("share", proxy)
      #expect(answer.status == 504 && answer.text.contains("did not answer in time"), "\(answer)")
      disk.recover()
      try await eventually("it is served again") { try await get("share", proxy).status == 200 ? () : nil }
    }
  }

  @Test func aFolderThatHangsInTheMiddleOfAFileTimesOut() async throws {
    disk.hang(after: 1)
    try await serving(configure: { $0.timeouts.responseIdle = .seconds(1) }) { proxy in
      let answer = try await get("share", proxy)
      #expect(answer.status == 200 && !answer.isComplete, "\(answer)")
    }
  }

  /// Closing a file blocks on a file system in user space that hangs.
  @Test func closesTheFileOfAClientThatIsGoneOnTheFoldersThreads() async throws {
    try directory.write(String(repeating: "x", count: 2 * OpenFile.chunkSize), to: "share/large.bin")
    disk.hang(after: 1)
    try await serving { proxy in
      let client = try await proxy.connect()
      try await client.send("GET /large.bin HTTP/1.1\r\nHost: share\r\n\r\n")
      try await eventually("a thread reads it") { disk.waiting == 1 ? () : nil }
      try await client.reset()
      try await eventually("the client's end is noticed") {
        let totals = proxy.traffic.totals(of: proxy.registry.snapshot).map(\.totals)
        return totals.contains { $0.requests.contains(1) } ? () : nil
      }
      disk.releaseOne()
      try await eventually("a thread is about to close it") { disk.operations == 3 && disk.waiting == 1 ? () : nil }
      #expect(isOpen("large.bin"))
      disk.recover()
      try await eventually("it is closed") { isOpen("large.bin") ? nil : () }
    }
  }

  @Test(arguments: ["GET / HTTP/1.1", "GET /empty HTTP/1.1", "HEAD / HTTP/1.1"])
  func closesAFileThatWasServed(line: String) async throws {
    try directory.write("", to: "share/empty")
    try await serving { proxy in
      let client = try await proxy.connect()
      try await client.send("\(line)\r\nHost: share\r\n\r\n")
      #expect(try await client.response(to: String(line.prefix { $0 != " " }))?.status == 200)
      try await eventually("it is closed") { isOpen("") ? nil : () }
    }
  }

  /// Whether the process has a file of the folder open whose name ends like that.
  private func isOpen(_ name: String) -> Bool {
    let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return descriptors.contains { descriptor in
      let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
      return path.map { $0.hasPrefix(disk.root + "/") && $0.hasSuffix(name) } ?? false
    }
  }

  @Test func refusesRequestsWithoutAThread() async throws {
    struct NoThread: Error {}
    let hasThreads = Mutex(false)
    let folders = FolderThreadPools(start: { body in
      guard hasThreads.withLock({ $0 }) else { throw NoThread() }
      try FolderThreads.startThread(body)
    })
    try await serving(on: folders) { proxy in
      let refused = try await get("share", proxy)
      #expect(refused.status == 503 && refused.text.contains("no room"), "\(refused)")
      hasThreads.withLock { $0 = true }
      #expect(try await get("share", proxy).text == "share")
      hasThreads.withLock { $0 = false }
      #expect(try await get("share", proxy).text == "share", "a thread is left")
    }
  }

  @Test func startsThreadsOnDemandAndEndsIdleOnes() async throws {
    let threads = FolderThreads(maxOperations: 1024, idleTime: .milliseconds(1)) {}
    #expect(threads.threadCount == 0)
    let gate = DispatchSemaphore(value: 0)
    let done = Atomic(0)
    for round in 1...100 {
      for count in 1...8 {
        try threads.run {
          gate.wait()
          done.add(1, ordering: .relaxed)
        }
        #expect(threads.threadCount <= 4 && threads.operationCount == count)
      }
      #expect(threads.threadCount == 4)
      for _ in 1...8 { gate.signal() }
      try await eventually(every: .milliseconds(1), "all have run") { threads.operationCount == 0 ? () : nil }
      #expect(done.load(ordering: .relaxed) == round * 8)
    }
    try await eventually("the threads end") { threads.threadCount == 0 ? () : nil }
  }

  @Test func refusesRequestsWhileTooManyWait() async throws {
    disk.hang()
    let folders = FolderThreadPools(maxOperations: 8) { [disk] in disk.operate(in: $0) }
    let threads = folders.threads(of: disk.root)
    try await serving(on: folders) { proxy in
      try await withThrowingTaskGroup { group in
        defer { disk.recover() }
        for count in 1...8 {
          group.addTask { try await get("share", proxy).status }
          try await eventually("it waits") { threads.operationCount == count ? () : nil }
        }
        let refused = try await get("share", proxy)
        #expect(refused.status == 503 && refused.text.contains("too many requests wait"), "\(refused)")
        #expect(try await get("local", proxy).status == 200)
        disk.recover()
        for try await status in group { #expect(status == 200) }
      }
      #expect(try await get("share", proxy).status == 200)
    }
  }
}

/// Lets the operations in one folder wait until it has recovered.
private final class HangingFolder: Sendable {
  private struct State {
    /// Operations until the folder hangs; nil if it does not.
    var left: Int?
    var waiting = 0
    var operations = 0
  }

  let root: String
  private let gate = DispatchSemaphore(value: 0)
  private let state = Mutex(State())

  init(root: String) { self.root = root }

  /// - Parameter count: operations that still succeed.
  func hang(after count: Int = 0) { state.withLock { $0.left = count } }

  /// Lets one waiting operation go on; the next one hangs.
  func releaseOne() { gate.signal() }

  func recover() {
    state.withLock { $0.left = nil }
    for _ in 0..<100 { gate.signal() }
  }

  /// Operations that have begun.
  var operations: Int { state.withLock { $0.operations } }

  /// Threads that wait.
  var waiting: Int { state.withLock { $0.waiting } }

  func operate(in root: String) {
    guard root == self.root else { return }
    let hangs = state.withLock { state in
      state.operations += 1
      guard let left = state.left else { return false }
      state.left = max(0, left - 1)
      if left == 0 { state.waiting += 1 }
      return left == 0
    }
    guard hangs else { return }
    gate.wait()
    state.withLock { $0.waiting -= 1 }
  }
}
