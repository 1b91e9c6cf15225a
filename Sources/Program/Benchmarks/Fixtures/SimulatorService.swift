import Glibc
import PVESimulator

/// The cluster of `--simulate`, controlled by another process over the standard streams.
enum SimulatorService {
  /// Prints its URL and the fingerprint of its certificate. Answers each line of input with the number of requests so
  /// far; a line with a number moves that guest to the next node first.
  ///
  /// - Parameter latency: of every answer, in milliseconds.
  static func run(guests: Int, latency: Int, idleTimeout: Int) async throws {
    var configuration = PVESimulator.Configuration()
    configuration.latency = .milliseconds(latency)
    configuration.idleTimeout = .milliseconds(idleTimeout)
    let simulator = try await PVESimulator.start(cluster: cluster(guests: guests), configuration: configuration)
    say("\(simulator.url) \(simulator.fingerprint)")
    // Reading blocks, which must not occupy the cooperative thread pool.
    let (ends, end) = AsyncStream<Void>.makeStream()
    _ = try Worker {
      while let line = readLine() {
        if let vmid = Int(line) { simulator.update { $0.moveOn(vmid) } }
        say("\(simulator.requests().count)")
      }
      end.finish()
    }
    for await _ in ends {}
    await simulator.shutdown()
  }

  private static func cluster(guests: Int) -> SimulatedCluster {
    var cluster = SimulatedCluster.sample(nodes: InventorySamples.nodeCount, guests: 0, name: InventorySamples.cluster)
    cluster.add((0..<guests).map(container))
    return cluster
  }

  private static func container(_ number: Int) -> SimulatedGuest {
    var guest = SimulatedGuest.container(
      InventorySamples.firstVMID + number, KeyForm.short.key(number), on: InventorySamples.node(number),
      address: InventorySamples.address(number))
    // A long uptime, because the addresses of guests that have just started are read more often.
    guest.startedAt = .now - .seconds(24 * 3600)
    return guest
  }

  private static func say(_ line: String) {
    print(line)
    fflush(nil)
  }
}

extension SimulatedCluster {
  fileprivate mutating func moveOn(_ vmid: Int) {
    guard let node = self[vmid]?.node, let index = nodes.firstIndex(where: { $0.name == node }) else { return }
    migrate(vmid, to: nodes[(index + 1) % nodes.count].name)
  }
}
