import ControlAPI
import ControlClient
import PVESimulator
import ServiceLifecycle
import Synchronization

/// Watches the agent over its socket, as any client would, and prints what happens.
struct DemoNarrator: Service {
  /// A slow machine needs a few seconds; a longer wait means that something is wrong.
  private static let settlingTime = 60

  struct Options: Sendable {
    var printsOnce = false
    var printsJSON = false
    /// When the demo ends; nil if it runs until it is stopped.
    var deadline: ContinuousClock.Instant?
  }

  let stage: DemoStage
  let options: Options
  let voice: DemoVoice

  func run() async throws {
    let client = ControlClient(socketPath: stage.folder.socketPath)
    do {
      try await cancelWhenGracefulShutdown { try await narrate(client) }
    } catch is CancellationError {
      return
    }
  }

  private func narrate(_ client: ControlClient) async throws {
    if !options.printsOnce { introduce() }
    let settled = try await settle(client)
    try printTable(settled)
    if options.printsOnce { return }
    voice.say("\nSettled. The cluster lives on; what happens there, and what the agent makes of it:\n")
    // The first task to end ends all: the story never ends, the events only with the agent.
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await follow(client, from: settled.value) }
      group.addTask { try await live(client, from: settled.value) }
      if let deadline = options.deadline { group.addTask { try await Task.sleep(until: deadline) } }
      try await group.next()
      group.cancelAll()
    }
  }

  private func introduce() {
    let cluster = stage.simulator.cluster
    voice.say(
      """
      A simulated Proxmox VE cluster of \(cluster.nodes.count) nodes and \(cluster.guests.count) guests: \(endpoint)
      Its files, as you would write them for your own: \(stage.folder.path)
      To ask the agent from another terminal:
        pvescout routes --socket \(stage.folder.socketPath)

      """)
  }

  private var endpoint: String { stage.simulator.url }

  private func settle(_ client: ControlClient) async throws -> DecodedAnswer<RouteList> {
    let limit = ContinuousClock.now + .seconds(Self.settlingTime)
    var last: DecodedAnswer<RouteList>?
    while ContinuousClock.now < limit {
      // Requests fail until the socket exists.
      if let answer = try? await client.routes() {
        if last == nil, !options.printsOnce, !options.printsJSON { try printTable(answer, then: "\n") }
        last = answer
        if DemoSettling.unsettled(answer.value.routes).isEmpty { return answer }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw DemoError.notSettled(
      routes: last.map { DemoSettling.unsettled($0.value.routes) } ?? [], seconds: Self.settlingTime)
  }

  private func printTable(_ answer: DecodedAnswer<RouteList>, then end: String = "") throws {
    try voice.print(
      options.printsJSON
        ? String(decoding: answer.body, as: UTF8.self)
        : RouteTable.render(answer.value.routes, style: voice.style) + end)
  }

  private func follow(_ client: ControlClient, from settled: RouteList) async throws {
    var sentences = DemoSentences(settled.routes)
    for try await event in client.events() {
      if options.printsJSON {
        try voice.print(Events.json(event))
      } else if let data = try event.decoded() {
        for sentence in sentences.sentences(for: data) { try voice.event(sentence.subject, sentence.text) }
      }
    }
  }

  private func live(_ client: ControlClient, from settled: RouteList) async throws {
    let review = Mutex(DemoReview(settled.routes))
    let story = DemoStory(
      stage: stage,
      report: { if !options.printsJSON { try voice.event("cluster", $0) } },
      review: {
        let routes = try await client.routes().value.routes
        let changed = review.withLock { $0.changes(in: routes) }
        if !changed.isEmpty, !options.printsJSON {
          try voice.print("\n" + RouteTable.render(changed, style: voice.style) + "\n")
        }
      })
    try await story.run()
  }
}

/// Decides when the demo's table has settled: all routes that can be linked have a link and a target, every target has
/// been probed, and running services are healthy, which may take a second probe on a slow machine.
enum DemoSettling {
  /// The aliases that have not settled.
  static func unsettled(_ routes: [RouteJSON]) -> [String] {
    let found = Set(routes.filter { $0.link.state == "linked" && $0.target != nil }.map(\.alias))
    let unprobed = routes.filter { $0.target != nil && isOpen($0) }.map(\.alias)
    return Set(unprobed).union(DemoScenario.linkedAliases.subtracting(found)).sorted()
  }

  private static func isOpen(_ route: RouteJSON) -> Bool {
    route.alias == DemoScenario.stoppedService
      ? ["unknown", "starting"].contains(route.health.status) : route.health.status != "healthy"
  }
}

/// Prints the demo's output in whole pieces: tables and events on standard output, messages on standard error.
final class DemoVoice: Sendable {
  let style: TableStyle
  private let started = ContinuousClock.now
  private let turn = Mutex(())

  init(style: TableStyle) { self.style = style }

  /// `  4.2s  cluster  container 101 plex migrates: pve1 → pve2`.
  func event(_ subject: String, _ text: String) throws {
    let tenths = Int(started.duration(to: .now) / .milliseconds(100))
    let time = "\(tenths / 10).\(tenths % 10)s"
    let margin = String(repeating: " ", count: max(0, 7 - time.count))
    let gap = String(repeating: " ", count: max(1, 9 - subject.count))
    let line = margin + time + "  " + subject + gap + DisplayWidth.printable(text)
    try print((style.usesColor && subject == "cluster" ? TextColor.bold.paint(line) : line) + "\n")
  }

  func print(_ text: String) throws { try turn.withLock { _ in try Terminal.print(text) } }
  func say(_ text: String) { turn.withLock { _ in Terminal.say(text) } }
}
