import Dispatch
import HTTPTransport
import Logging
import NIOCore
import NIOPosix
import PeerTrust
import Synchronization
import TestSupport
import Testing

@testable import ProxyTLS

/// CA files on a disk that hangs.
@Suite(.timeLimit(.minutes(5))) struct AuthorityCacheTests {
  private let authority: TestCertificate
  private let server: ScriptedServer
  private let disk: HangingDisk

  init() async throws {
    authority = try TestCertificate(isAuthority: true)
    server = try await ScriptedServer(certificate: TestCertificate(issuer: authority))
    disk = HangingDisk(path: authority.certificateFile)
  }

  private func cache() -> AuthorityCache {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    return AuthorityCache(logger: logger) { [disk] in disk.read($0, $1) }
  }

  private func tls() throws -> UpstreamTLS { try UpstreamTLS(cache()) }

  private var peer: UpstreamPeer {
    UpstreamPeer(.caFile(authority.certificateFile), host: "127.0.0.1", serverName: nil)
  }

  private func connect(_ tls: UpstreamTLS, as peer: UpstreamPeer? = nil) async throws {
    let channel = try await TLSClient.connect(Int(server.port), tls, peer ?? self.peer)
    // Servers that do not close TLS properly are ignored here.
    try? await channel.close()
  }

  @Test func aFileThatHangsDelaysOnlyItsOwnConnections() async throws {
    let tls = try tls()
    disk.hang()
    try await withThrowingTaskGroup { group in
      // The group waits for its tasks, even if the test fails.
      defer { disk.recover() }
      // More than there are event loops.
      for _ in 0..<20 { group.addTask { try await connect(tls) } }
      try await eventually("the file is read") { disk.reads > 0 ? () : nil }
      try await connect(tls, as: UpstreamPeer(.insecure, host: "127.0.0.1", serverName: nil))
      let other = try TestCertificate(isAuthority: true)
      let stranger = UpstreamPeer(.caFile(other.certificateFile), host: "127.0.0.1", serverName: nil)
      await #expect(throws: HTTPTransportError.certificateNotTrusted(.unknownIssuer)) {
        try await connect(tls, as: stranger)
      }
      tls.refresh(caFiles: [authority.certificateFile])
      #expect(disk.reads == 1, "one thread waits for it")
      disk.recover()
      try await group.waitForAll()
    }
    #expect(!disk.hasBlockedAnEventLoop)
  }

  @Test func aKnownFileThatHangsKeepsItsAuthorities() async throws {
    let tls = try tls()
    try await connect(tls)
    disk.hang()
    tls.refresh(caFiles: [authority.certificateFile])
    try await connect(tls)
    tls.refresh(caFiles: [])
    try await connect(tls)
    disk.recover()
    #expect(!disk.hasBlockedAnEventLoop)
  }

  @Test func readsTheSystemsAuthoritiesOffTheEventLoops() async throws {
    let system = UpstreamPeer(.systemRoots, host: "127.0.0.1", serverName: nil)
    let tls = try tls()
    for _ in 1...2 {
      await #expect(throws: HTTPTransportError.certificateNotTrusted(.unknownIssuer)) {
        try await connect(tls, as: system)
      }
    }
    #expect(disk.reads == 1 && !disk.hasBlockedAnEventLoop)
  }

  /// Such as after the connect timeout.
  @Test func aConnectionThatIsClosedBeforehandNamesTheFile() async throws {
    let tls = try tls()
    disk.hang()
    defer { disk.recover() }
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let handshake = loop.makePromise(of: Void.self)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { [peer] channel in
        tls.secure(channel, as: peer).cascade(to: handshake)
        return channel.eventLoop.makeSucceededVoidFuture()
      }
      .connect(host: "127.0.0.1", port: Int(server.port)).get()
    try await eventually("the server's certificate has come") {
      let isJudged = try await loop.submit {
        try channel.pipeline.syncOperations.handler(type: UpstreamHandshake.self).refusal != nil
      }.get()
      return isJudged ? () : nil
    }
    channel.close(promise: nil)
    let reason = "the CA file \(authority.certificateFile) cannot be read as PEM certificates"
    await #expect(throws: HTTPTransportError.tlsFailed(reason: reason)) { try await handshake.futureResult.get() }
  }

  @Test func connectionsThatHaveEndedLeaveNothingBehind() async throws {
    let (cache, loop) = (cache(), MultiThreadedEventLoopGroup.singleton.next())
    let tls = try UpstreamTLS(cache)
    disk.hang()
    defer { disk.recover() }
    let listener = try await ServerBootstrap(group: loop).bind(host: "127.0.0.1", port: 0).get()
    let address = try #require(listener.localAddress)
    var mostWaiting = 0
    for _ in 1...1000 {
      let channel = try await ClientBootstrap(group: loop)
        .channelInitializer { [peer] channel in
          _ = tls.secure(channel, as: peer)
          return channel.eventLoop.makeSucceededVoidFuture()
        }
        .connect(to: address).get()
      mostWaiting = max(mostWaiting, cache.waitingCount)
      try? await channel.close()
      try await channel.closeFuture.get()
    }
    #expect(mostWaiting == 1 && cache.waitingCount == 0 && disk.reads == 1)
    try await listener.close()
  }

  @Test func checksFilesOneAfterAnother() async throws {
    let cache = cache()
    let files = (1...20).map { "/share/\($0).pem" }
    disk.hang(in: "/share/")
    defer { disk.recover() }
    cache.refresh(Set(files))
    try await eventually("one is checked") { disk.waiting == 1 ? () : nil }
    cache.refresh(Set(files))
    try await eventually("another one is checked") { disk.waiting == 2 ? () : nil }
    disk.recover()
    try await eventually("the rest are checked") { disk.ended >= 20 ? () : nil }
    #expect(disk.mostWaiting == 2)
  }
}

/// Reads CA files, and some of them only once it has recovered.
private final class HangingDisk: Sendable {
  private struct State {
    var reads = 0
    var ended = 0
    var waiting = 0
    var mostWaiting = 0
    /// The beginning of their paths.
    var hanging: String?
    var hasBlockedAnEventLoop = false
  }

  private let path: String
  private let gate = DispatchSemaphore(value: 0)
  private let state = Mutex(State())

  init(path: String) { self.path = path }

  func hang(in folder: String? = nil) { state.withLock { $0.hanging = folder ?? path } }

  func recover() {
    state.withLock { $0.hanging = nil }
    for _ in 0..<100 { gate.signal() }
  }

  /// Of the file, and of the system's CAs.
  var reads: Int { state.withLock { $0.reads } }
  var hasBlockedAnEventLoop: Bool { state.withLock { $0.hasBlockedAnEventLoop } }
  /// Of all files.
  var ended: Int { state.withLock { $0.ended } }
  var waiting: Int { state.withLock { $0.waiting } }
  var mostWaiting: Int { state.withLock { $0.mostWaiting } }

  func read(_ source: AuthoritySource, _ fingerprint: String?) -> AuthorityCache.Reading? {
    let isOnEventLoop = MultiThreadedEventLoopGroup.currentEventLoop != nil
    let hangs = state.withLock { state in
      if isOnEventLoop { state.hasBlockedAnEventLoop = true }
      if source == .file(path) || source == .system { state.reads += 1 }
      // On an event loop the test would never end.
      guard !isOnEventLoop, case .file(let path) = source, let hanging = state.hanging, path.hasPrefix(hanging)
      else { return false }
      state.waiting += 1
      state.mostWaiting = max(state.mostWaiting, state.waiting)
      return true
    }
    if hangs { gate.wait() }
    state.withLock { state in
      if hangs { state.waiting -= 1 }
      state.ended += 1
    }
    return AuthorityCache.read(source, fingerprint)
  }
}
