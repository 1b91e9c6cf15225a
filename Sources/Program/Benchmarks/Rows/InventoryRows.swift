import FoundationEssentials
import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory

extension Benchmark {
  /// From the bytes of a poll's answer to an indexed inventory.
  static var inventory: [Benchmark] {
    let guests = 2000
    return [
      Benchmark("inventory.build", size: guests, note: "per body: decode, snapshot, index") {
        let body = try await SimulatorProcess(guests: guests).resourcesBody()
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        return { operations in
          try Sample.measure(operations) {
            for _ in 0..<operations {
              var builder = InventoryBuilder(name: InventorySamples.cluster)
              builder.accept(try ClusterResources(decoding: body), from: "https://127.0.0.1:8006", at: date)
              blackHole(InventorySnapshot(clusters: [builder.snapshot()]))
            }
          }
        }
      }
    ]
  }
}
