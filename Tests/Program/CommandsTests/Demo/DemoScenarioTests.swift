import PVESimulator
import Testing

@testable import Commands

@Suite struct DemoScenarioTests {
  @Test(arguments: [(0, 0, 3, 9), (3, 9, 3, 9), (200, 5000, 200, 5000)])
  func livesInItsOwnAddresses(nodes: Int, guests: Int, nodeCount: Int, guestCount: Int) {
    let cluster = DemoScenario(block: DemoBlock(second: 249, third: 223), nodes: nodes, guests: guests).cluster
    #expect(cluster.nodes.count == nodeCount)
    #expect(cluster.guests.count == guestCount)
    let addresses =
      cluster.nodes.compactMap(\.address)
      + cluster.guests.flatMap { $0.interfaces.flatMap(\.addresses) }.map { String($0.prefix { $0 != "/" }) }
    #expect(Set(addresses).count == nodeCount + guestCount)
    for address in addresses {
      let octets = address.split(separator: ".").compactMap { UInt8($0) }
      #expect(octets.count == 4 && octets.starts(with: [127, 249]), "\(address)")
    }
  }

  @Test func hasTwoRunningGuestsOfOneName() {
    let guests = DemoScenario(block: .random(), nodes: 3, guests: 9).cluster.guests
    #expect(guests.filter { $0.name == "web" && $0.status == "running" }.count == 2)
    #expect(guests.filter { $0.kind == .qemu }.count == 1)
  }
}
