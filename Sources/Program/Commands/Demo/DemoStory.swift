import PVESimulator

/// The events in the demo's cluster, one after the other, in an endless loop.
struct DemoStory: Sendable {
  private static let pause = Duration.seconds(4)
  private static let plex = 101
  private static let grafana = 102
  private static let vaultwarden = 103

  let stage: DemoStage
  /// Receives a description of each event.
  let report: @Sendable (String) throws -> Void
  /// Called once the agent has had time to react.
  let review: @Sendable () async throws -> Void

  /// Returns only when cancelled.
  func run() async throws {
    var round = 0
    while true {
      try await migrate(to: round.isMultiple(of: 2) ? "pve2" : "pve1")
      try await watch()
      try await readdress(round: round)
      try await watch()
      try await stop()
      try await watch()
      try await start()
      try await watch()
      round += 1
    }
  }

  private func watch() async throws {
    try await Task.sleep(for: Self.pause)
    try await review()
  }

  /// A container is locked during its migration, and keeps its address.
  private func migrate(to node: String) async throws {
    let old = stage.simulator.cluster[Self.plex]?.node ?? "?"
    try report("container 101 plex migrates: \(old) → \(node)")
    stage.simulator.update { $0.change(Self.plex) { $0.lock = "migrate" } }
    try await Task.sleep(for: .seconds(1))
    stage.simulator.update { cluster in
      cluster.migrate(Self.plex, to: node)
      cluster.change(Self.plex) { $0.lock = nil }
    }
  }

  /// The service moves with its container: nothing listens at the old address.
  private func readdress(round: Int) async throws {
    let candidates = (0..<20).map { 110 + (round * 20 + $0) % 80 }.map(stage.scenario.block.address)
    await stage.services.stop("grafana")
    for address in candidates where try await stage.services.restart("grafana", on: [address]) {
      let old = stage.simulator.cluster[Self.grafana]?.interfaces.first?.addresses.first ?? "?"
      stage.simulator.update { $0.setAddress(Self.grafana, to: address) }
      try report("container 102 grafana gets another address: \(old.prefix { $0 != "/" }) → \(address)")
      return
    }
    throw DemoError.noPort(service: "grafana")
  }

  private func stop() async throws {
    try report("container 103 vaultwarden is stopped")
    stage.simulator.update { $0.stop(Self.vaultwarden) }
    await stage.services.stop("vaultwarden")
  }

  private func start() async throws {
    guard try await stage.services.restart("vaultwarden") else { throw DemoError.noPort(service: "vaultwarden") }
    stage.simulator.update { $0.start(Self.vaultwarden) }
    try report("container 103 vaultwarden is started again")
  }
}
