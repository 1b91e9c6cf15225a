import Dispatch
import Foundation
import PeerTrust
import Synchronization
import TestSupport
import Testing

@testable import HTTPTransport

/// CA files that change, and CA files on a disk that hangs.
@Suite(.timeLimit(.minutes(5))) struct AuthorityFileTests {
  private let authority: TestCertificate
  private let server: ScriptedServer
  private let disk: HangingDisk
  private let files: AuthorityFiles
  private let client: HTTPClient

  init() async throws {
    authority = try TestCertificate(isAuthority: true)
    server = try await ScriptedServer(certificate: TestCertificate(issuer: authority))
    let disk = HangingDisk()
    self.disk = disk
    files = AuthorityFiles { disk.read($0) }
    client = HTTPClient(authorityFiles: files)
  }

  private func request(_ path: String, timeout: Duration = .seconds(180)) -> HTTPRequest {
    var request = server.request(trust: .caFile(path))
    request.timeout = timeout
    return request
  }

  private func timeout(_ path: String, after limit: Duration) -> HTTPTransportError {
    .timedOut(phase: "reading the CA file \(path)", after: limit)
  }

  @Test func aFileThatHangsDelaysOnlyItsOwnRequests() async throws {
    defer { disk.recover() }
    disk.hang("/share/ca.pem")
    let hanging = Task { try await client.send(request("/share/ca.pem", timeout: .seconds(2))) }
    try await eventually("it is read") { disk.waiting == 1 ? () : nil }
    #expect(try await client.send(request(authority.certificateFile)).status == 200)
    await #expect(throws: timeout("/share/ca.pem", after: .seconds(2))) { try await hanging.value }
    #expect(try await client.send(request(authority.certificateFile)).status == 200)
  }

  /// A file that hangs takes one thread, however many requests name it, and remembers none that has ended.
  @Test func requestsThatHaveEndedLeaveNothingBehind() async throws {
    defer { disk.recover() }
    disk.hang("/share/ca.pem")
    let limit = Duration.milliseconds(50)
    for _ in 1...3 {
      await #expect(throws: timeout("/share/ca.pem", after: limit)) {
        try await client.send(request("/share/ca.pem", timeout: limit))
      }
    }
    let cancelled = Task { try await client.send(request("/share/ca.pem")) }
    try await eventually("it waits") { files.waitingCount == 1 ? () : nil }
    cancelled.cancel()
    await #expect(throws: HTTPTransportError.cancelled) { try await cancelled.value }
    #expect(files.waitingCount == 0 && disk.reads == 1)
  }

  @Test func aFileThatRecoversIsUsed() async throws {
    defer { disk.recover() }
    disk.hang(authority.certificateFile)
    try await withThrowingTaskGroup { group in
      defer { disk.recover() }
      for _ in 0..<20 { group.addTask { try await client.send(request(authority.certificateFile)).status } }
      try await eventually("all of them wait") { files.waitingCount == 20 ? () : nil }
      disk.recover()
      for try await status in group { #expect(status == 200) }
    }
    #expect(disk.reads == 1)
  }

  /// Even where the connection of a former request is open.
  @Test func usesAFileThatHasChanged() async throws {
    let folder = try TemporaryDirectory()
    let (path, other) = (folder.file("ca.pem"), try TestCertificate(isAuthority: true))
    var request = request(path)
    request.maxIdleTime = .seconds(300)
    func replace(with file: String) throws {
      try? FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: file, toPath: path)
    }
    let refusals: [(file: String, error: HTTPTransportError)] = [
      (other.certificateFile, .certificateNotTrusted(.unknownIssuer)),
      (try folder.write("no certificate", to: "text.pem"), .unreadableAuthorities(in: path)),
    ]
    for (file, error) in refusals {
      try replace(with: authority.certificateFile)
      try await eventually("the server is trusted") { await refusal(of: request) == nil ? () : nil }
      try replace(with: file)
      #expect(try await eventually("the changed file is used") { await refusal(of: request) } == error)
    }
  }

  /// Nil if there is an answer.
  private func refusal(of request: HTTPRequest) async -> HTTPTransportError? {
    do throws(HTTPTransportError) { _ = try await client.send(request) } catch { return error }
    return nil
  }

  @Test func readsNoFileForARequestInClearText() async throws {
    let server = try await ScriptedServer()
    var request = HTTPRequest(.get, server.url())
    request.trust = .caFile("/share/ca.pem")
    #expect(try await client.send(request).status == 200)
    #expect(disk.reads == 0)
  }
}

/// Reads CA files, and one of them only once it has recovered.
private final class HangingDisk: Sendable {
  private struct State {
    var hanging: String?
    var reads = 0
    var waiting = 0
  }

  private let gate = DispatchSemaphore(value: 0)
  private let state = Mutex(State())

  func hang(_ path: String) { state.withLock { $0.hanging = path } }

  func recover() {
    state.withLock { $0.hanging = nil }
    for _ in 0..<100 { gate.signal() }
  }

  var reads: Int { state.withLock { $0.reads } }
  var waiting: Int { state.withLock { $0.waiting } }

  func read(_ path: String) -> AuthorityFiles.Content {
    let hangs = state.withLock { state in
      state.reads += 1
      if path == state.hanging { state.waiting += 1 }
      return path == state.hanging
    }
    if hangs { gate.wait() }
    return AuthorityFiles.read(path)
  }
}
