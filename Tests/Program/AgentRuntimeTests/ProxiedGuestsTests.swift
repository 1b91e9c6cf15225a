import HTTPTransport
import HealthMonitoring
import Logging
import RouteModel
import Synchronization
import TestSupport
import Testing
import WakeOnDemand

@testable import AgentRuntime

@Suite(.timeLimit(.minutes(2))) struct ProxiedGuestsTests {
  /// A count covers all open streams of all guests.
  @Test func countsStreamsOnceForAllGuestsAndAgainBeforeAStop() {
    let counts = Mutex(0)
    let client = HTTPClient()
    defer { client.shutdown() }
    let monitor = HealthMonitor(
      client: client, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let guests = ProxiedGuests(gates: WakeGates(), monitor: monitor) { counts.withLock { $0 += 1 } }
    let begin = ContinuousClock.now
    for vmid in 100..<300 { #expect(guests.lastUse(of: GuestID(cluster: "home", vmid: vmid)) == nil) }
    let seconds = Int((ContinuousClock.now - begin) / .seconds(1))
    let before = counts.withLock { $0 }
    #expect((1...(1 + seconds)).contains(before))
    for vmid in 100..<103 {
      let guest = GuestID(cluster: "home", vmid: vmid)
      guests.close(guest)
      _ = guests.lastUse(of: guest)
    }
    #expect(counts.withLock { $0 } >= before + 3, "the last byte counts")
  }
}
