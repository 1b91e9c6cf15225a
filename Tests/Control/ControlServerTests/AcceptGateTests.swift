import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import ServerSockets

/// The errors of accept(2) are fired through the pipeline of a real listener, because a process that shares its
/// descriptors with other tests cannot run out of them.
@Suite(.timeLimit(.minutes(5))) struct AcceptGateTests {
  @Test(arguments: [ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM])
  func pausesAndThenAcceptsAgain(_ code: CInt) async throws {
    let listener = try await Listener()
    #expect(try await listener.fail(IOError(errnoCode: code, reason: "accept")) == false)
    #expect(listener.passedOn == 0)
    let client = try Sockets.connect(to: listener.path)
    defer { close(client) }
    try await eventually("the client was accepted") { listener.accepted == 1 ? () : nil }
    #expect(try await listener.isReading())
    try await listener.close()
  }

  @Test func logsTheFirstFailureAndTheEndOfThem() async throws {
    let listener = try await Listener()
    for expected in 1...2 {
      for _ in 1...3 { _ = try await listener.fail(IOError(errnoCode: EMFILE, reason: "accept")) }
      let client = try Sockets.connect(to: listener.path)
      defer { close(client) }
      try await eventually("the client was accepted") { listener.accepted == expected ? () : nil }
    }
    let round = ["connections cannot be accepted", "connections are accepted again"]
    #expect(listener.logged == round + round)
    try await listener.close()
  }

  @Test(.timeLimit(.minutes(5))) func acceptsNothingWithoutDescriptors() async throws {
    // Fewer than any process has open.
    let (budget, asked) = (DescriptorBudget(limit: 3), SharedValue(0))
    budget.onShortage(of: budget) { asked.state.withLock { $0 += 1 } }
    #expect(!budget.wasShort && budget.problem == nil)
    let listener = try await Listener(budget)
    let client = try Sockets.connect(to: listener.path)
    defer { close(client) }
    try await eventually("relief is asked for, again and again") { asked.state.withLock { $0 } > 3 ? () : nil }
    #expect(listener.accepted == 0)
    #expect(budget.wasShort && budget.problem?.contains("LimitNOFILE") == true)
    #expect(listener.logged == ["connections wait: too few file descriptors"])
    try await listener.close()
  }

  @Test func forgetsTheReliefOfAnOwnerThatIsGone() {
    let (budget, last) = (DescriptorBudget(limit: 3), SharedValue(0))
    weak var held: SharedValue<Int>?
    do {
      let (owner, asked) = (SharedValue(0), SharedValue(0))
      held = asked
      budget.onShortage(of: owner) { asked.state.withLock { $0 += 1 } }
      #expect(held != nil)
    }
    budget.onShortage(of: budget) { last.state.withLock { $0 += 1 } }
    #expect(held == nil)
    #expect(budget.isShort(for: .client) && last.state.withLock { $0 } == 1)
  }

  /// An accepted client will want its upstream.
  @Test func keepsADescriptorForEachClient() async throws {
    let budget = DescriptorBudget(limit: 1 << 20)
    let listener = try await Listener(budget)
    let clients = try (0..<3).map { _ in try Sockets.connect(to: listener.path) }
    try await eventually("the clients were accepted") { listener.accepted == 3 ? () : nil }
    #expect(budget.promises == 3)
    for client in clients { close(client) }
    try await eventually("they are gone") { budget.promises == 0 ? () : nil }
    let (loop, used) = (MultiThreadedEventLoopGroup.singleton.any(), budget.used)
    let never = loop.makePromise(of: Void.self)
    // Both numbers are far from those that other tests open and close meanwhile.
    let small = DescriptorBudget(limit: used + 20_000)
    #expect(!small.isShort(for: .client))
    for _ in 0..<40_000 { small.promise(until: never.futureResult) }
    #expect(small.isShort(for: .client) && !small.isShort(for: .service) && !small.isShort(for: .control))
    never.succeed()
    try await eventually("the promises are over") { small.promises == 0 ? () : nil }
    #expect(!small.isShort(for: .client))
    try await listener.close()
  }

  @Test func leavesMoreToThoseBehind() {
    let uses: [DescriptorBudget.Use] = [.client, .service, .control]
    #expect(uses.allSatisfy { !DescriptorBudget(limit: 1 << 20).isShort(for: $0) })
    #expect(uses.allSatisfy { DescriptorBudget(limit: 3).isShort(for: $0) })
    #expect(uses.allSatisfy { !DescriptorBudget().isShort(for: $0) })
    let marks = uses.map { DescriptorBudget(limit: 256).mark(of: $0) }
    #expect(marks == marks.sorted() && Set(marks).count == 3 && marks[2] < 256, "\(marks)")
  }

  @Test func passesOtherErrorsOn() async throws {
    let listener = try await Listener()
    #expect(try await listener.fail(IOError(errnoCode: EINVAL, reason: "accept")))
    #expect(try await listener.fail(ChannelError.inappropriateOperationForState))
    #expect(listener.passedOn == 2)
    #expect(listener.logged.isEmpty)
    try await listener.close()
  }
}

/// A listening Unix socket with the handler in its pipeline.
private final class Listener: Sendable {
  private struct Seen {
    var accepted = 0
    var passedOn = 0
  }

  private final class Witness: ChannelInboundHandler {
    typealias InboundIn = any Channel
    private let see: @Sendable ((inout Seen) -> Void) -> Void
    init(_ see: @escaping @Sendable ((inout Seen) -> Void) -> Void) { self.see = see }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      see { $0.accepted += 1 }
      context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { see { $0.passedOn += 1 } }
  }

  private let folder: TemporaryDirectory
  private let channel: any Channel
  private let seen: SharedValue<Seen>
  private let log: SharedValue<[String]>

  init(_ budget: DescriptorBudget = DescriptorBudget()) async throws {
    (folder, seen, log) = (try TemporaryDirectory(), SharedValue(Seen()), SharedValue([]))
    let logger = Logger(label: "test") { [log] _ in RecordingLogHandler(log: log) }
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelInitializer { [seen] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([
            AcceptGate(budget, logger: logger), Witness { change in seen.state.withLock { change(&$0) } },
          ])
        }
      }
      .bind(unixDomainSocketPath: folder.file("p.sock")).get()
  }

  var path: String { folder.file("p.sock") }
  var accepted: Int { seen.state.withLock { $0.accepted } }
  var passedOn: Int { seen.state.withLock { $0.passedOn } }
  var logged: [String] { log.state.withLock { $0 } }

  /// Fires an error of accept(2); returns whether the socket is still read right after it.
  func fail(_ error: any Error) async throws -> Bool {
    try await channel.eventLoop.submit { [channel] in
      channel.pipeline.fireErrorCaught(error)
      return try channel.syncOptions?.getOption(.autoRead) ?? false
    }.get()
  }

  func isReading() async throws -> Bool { try await channel.getOption(.autoRead).get() }

  func close() async throws { try await channel.close() }
}

/// A value that several threads write.
private final class SharedValue<Value: Sendable>: Sendable {
  let state: Mutex<Value>
  init(_ value: Value) { state = Mutex(value) }
}

/// Records the messages.
private struct RecordingLogHandler: LogHandler {
  let log: SharedValue<[String]>
  var metadata = Logger.Metadata()
  var logLevel = Logger.Level.trace

  init(log: SharedValue<[String]>) { self.log = log }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { log.state.withLock { $0.append(event.message.description) } }
}
