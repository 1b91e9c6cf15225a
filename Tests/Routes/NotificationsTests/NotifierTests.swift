import Foundation
import HTTPTransport
import Logging
import RouteModel
import ServiceLifecycle
import StateFiles
import Synchronization
import TestSupport
import Testing

@testable import Notifications

@Suite(.timeLimit(.minutes(5))) struct NotifierTests {
  /// Records all delivery attempts, and returns the given results.
  private final class Receiver: Sendable {
    private let state = Mutex((delivered: [String](), answers: [DeliveryResult]()))
    private let hangs: Set<String>
    private let isOpen = Atomic(false)

    init(answers: [DeliveryResult] = [], hanging: Set<String> = []) {
      state.withLock { $0.answers = answers }
      hangs = hanging
    }

    /// Ends hanging deliveries.
    func open() { isOpen.store(true, ordering: .releasing) }

    var delivered: [String] { state.withLock(\.delivered) }

    func deliver(_ channel: NotificationEntry.Channel, _ notice: Notice) async -> DeliveryResult {
      let result = state.withLock { state in
        state.delivered.append(notice.title)
        return state.answers.isEmpty ? .taken : state.answers.removeFirst()
      }
      if hangs.contains(notice.observation.key) {
        _ = try? await eventually("the receiver is let go") { isOpen.load(ordering: .acquiring) ? true : nil }
      }
      return Task.isCancelled ? .failed(reason: "cancelled") : result
    }
  }

  private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func notifier(
    _ entries: [NotificationEntry], _ receiver: Receiver, firstPause: Duration = .milliseconds(1),
    grace: Duration = .seconds(120)
  ) -> Notifier {
    Notifier(
      entries: entries, limits: Outbox.Limits(firstPause: firstPause), grace: grace, logger: Self.logger,
      deliver: receiver.deliver)
  }

  private func running(_ notifier: Notifier, _ body: (ServiceGroup) async throws -> Void) async throws {
    let group = ServiceGroup(services: [notifier], logger: Self.logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      try await body(group)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  @Test func deliversInOrder() async throws {
    let receiver = Receiver()
    let notifier = notifier([try Samples.entry()], receiver)
    try await running(notifier) { _ in
      for (alias, status) in [("a", HealthStatus.healthy), ("a", .unhealthy), ("a", .healthy)] {
        notifier.record(try Samples.observation(alias, status))
        if status != .healthy { try await eventually("it is delivered") { receiver.delivered.count == 1 ? true : nil } }
      }
      try await eventually("both are delivered") { receiver.delivered.count == 2 ? true : nil }
      #expect(receiver.delivered == ["a is down", "a is up again"])
    }
  }

  /// An agent that is killed during a delivery does not send the notice again.
  @Test(.timeLimit(.minutes(2))) func savesANoticeBeforeDelivery() async throws {
    let folder = try TemporaryDirectory()
    let saved = Mutex<[String]>([])
    let notifier = Notifier(
      entries: [try Samples.entry()],
      keeper: NotificationKeeper(folder: folder.path, saveTimeout: .seconds(120), logger: Self.logger),
      logger: Self.logger
    ) { _, notice in
      let text = try? String(contentsOfFile: folder.file("notifications.json"), encoding: .utf8)
      saved.withLock { $0.append("\(notice.event) \(text?.contains("downSince") == true)") }
      return .taken
    }
    try await running(notifier) { _ in
      for status in [HealthStatus.healthy, .unhealthy] { notifier.record(try Samples.observation(status)) }
      try await eventually("it is delivered") { saved.withLock(\.count) == 1 ? true : nil }
      notifier.record(try Samples.observation(.healthy))
      try await eventually("the end is delivered") { saved.withLock(\.count) == 2 ? true : nil }
    }
    #expect(saved.withLock { $0 } == ["down true", "up false"])
  }

  /// A slow receiver may not have received anything by the time the agent is killed.
  @Test(.timeLimit(.minutes(2))) func savesThatAnAnswerIsMissing() async throws {
    let folder = try TemporaryDirectory()
    let receiver = Receiver(hanging: ["plex"])
    let notifier = Notifier(
      entries: [try Samples.entry()], grace: .seconds(120), usualAnswer: .milliseconds(1),
      keeper: NotificationKeeper(folder: folder.path, logger: Self.logger), logger: Self.logger,
      deliver: receiver.deliver)
    let saved = { try? String(contentsOfFile: folder.file("notifications.json"), encoding: .utf8) }
    try await running(notifier) { _ in
      for status in [HealthStatus.healthy, .unhealthy] { notifier.record(try Samples.observation(status)) }
      try await eventually("it is saved as undelivered") { saved()?.contains("\"untold\"") == true ? true : nil }
      try await eventually("its delivery has begun") { receiver.delivered == ["plex is down"] ? true : nil }
      receiver.open()
      try await eventually("it is saved as delivered") { saved()?.contains("\"untold\"") == false ? true : nil }
    }
  }

  /// Changes that cannot be saved now are saved as soon as possible.
  @Test func savesAtTheEndWhatItCouldNotSave() async throws {
    let folder = try TemporaryDirectory()
    let book = LogBook()
    try folder.write("", to: "state")
    let notifier = Notifier(
      entries: [try Samples.entry()],
      keeper: NotificationKeeper(folder: folder.file("state"), saveTimeout: .seconds(120), logger: book.logger),
      logger: Self.logger, deliver: Receiver().deliver)
    try await running(notifier) { _ in
      for _ in 0..<3 {
        for status in [HealthStatus.healthy, .unhealthy] { notifier.record(try Samples.observation(status)) }
        try await eventually("it is logged") { book.lines.contains { $0.contains("not saved") } ? true : nil }
      }
      try FileManager.default.removeItem(atPath: folder.file("state"))
    }
    #expect(book.lines.count { $0.contains("not saved") } == 1, "\(book.lines)")
    #expect(try String(contentsOfFile: folder.file("state/notifications.json"), encoding: .utf8).contains("plex"))
  }

  @Test func startsFromAFileWithWhateverNumbers() throws {
    let folder = try TemporaryDirectory()
    let file = StateFile<[SavedAvailability]>(in: folder.path, name: "notifications", version: 1)
    var state = NotificationState([])
    for status in [HealthStatus.healthy, .unhealthy] {
      state.record(try Samples.observation(status), at: .now)
      state.record(try Samples.observation("up", .healthy), at: .now)
    }
    try file.save(state.saved)
    let book = LogBook()
    for (_, text) in HostileNumbers.variants(of: try String(contentsOfFile: file.path, encoding: .utf8)) {
      try folder.write(text, to: "notifications.json")
      let keeper = NotificationKeeper(folder: folder.path, logger: book.logger)
      var state = NotificationState([try Samples.entry()])
      state.restore(keeper.load(), at: .now, Date())
      state.record(try Samples.observation(.healthy), at: .now)
      let notices = state.dueJobs(at: .now).jobs.map(\.notice)
      #expect(notices.allSatisfy { ($0.downSeconds ?? 0) >= 0 && !$0.message.isEmpty })
    }
    #expect(book.lines.count > 10)
  }

  @Test func triesAgainUntilItIsTold() async throws {
    let failure = DeliveryResult.failed(reason: "refused")
    let receiver = Receiver(answers: [failure, failure])
    let notifier = notifier([try Samples.entry(neverUp: true)], receiver)
    try await running(notifier) { _ in
      notifier.record(try Samples.observation(.unhealthy))
      try await eventually("the third try") { receiver.delivered.count == 3 ? true : nil }
      try await eventually("nothing fails any more") { notifier.problems.isEmpty ? true : nil }
    }
    #expect(receiver.delivered.count == 3)
  }

  @Test func aReceiverThatHangsHoldsUpNoOther() async throws {
    let receiver = Receiver(hanging: ["a"])
    let notifier = notifier(
      [
        try Samples.entry("slow", selection: RouteSelection(routes: ["a"]), neverUp: true),
        try Samples.entry("fast", selection: RouteSelection(routes: ["b"]), neverUp: true),
      ], receiver, grace: .milliseconds(1))
    try await running(notifier) { _ in
      notifier.record(try Samples.observation("a", .unhealthy))
      try await eventually("the slow one is asked") { receiver.delivered == ["a is down"] ? true : nil }
      notifier.record(try Samples.observation("b", .unhealthy))
      try await eventually("the fast one is asked") { receiver.delivered.count == 2 ? true : nil }
    }
  }

  @Test func deliversDueNoticesWhenTheAgentStops() async throws {
    let receiver = Receiver(hanging: ["a"])
    let notifier = notifier([try Samples.entry(neverUp: true)], receiver)
    try await running(notifier) { group in
      notifier.record(try Samples.observation("a", .unhealthy))
      try await eventually("the first is on its way") { receiver.delivered == ["a is down"] ? true : nil }
      notifier.record(try Samples.observation("b", .unhealthy))
      await group.triggerGracefulShutdown()
      receiver.open()
    }
    #expect(receiver.delivered == ["a is down", "b is down"])
  }

  @Test func stopsDespiteLaterNotices() async throws {
    let receiver = Receiver(answers: [.failed(reason: "refused")])
    let notifier = notifier([try Samples.entry(neverUp: true)], receiver, firstPause: .seconds(200))
    try await running(notifier) { _ in
      notifier.record(try Samples.observation("a", .unhealthy))
      try await eventually("it is known to fail") { notifier.problems.count == 1 ? true : nil }
    }
    #expect(receiver.delivered.count == 1)
  }

  @Test func deliversOverHTTP() async throws {
    let server = try await ScriptedServer(["*": [.answer("204 No Content")]])
    let client = HTTPClient()
    defer { client.shutdown() }
    let url = "http://127.0.0.1:\(server.port)/push?token=t"
    let notifier = Notifier(entries: [try Samples.entry(url: url, neverUp: true)], client: client, logger: Self.logger)
    try await running(notifier) { _ in
      notifier.record(try Samples.observation("a", .unhealthy))
      let request = try await eventually("the request") { try await server.events(.request).first }
      #expect(request.method == "POST" && request.path == "/push/message?token=t")
      #expect(request.headers?["content-type"] == "application/json")
      #expect(try JSON(parsing: request.body ?? "")["title"] == "a is down")
    }
  }
}
