import Testing

@testable import HealthMonitoring

@Suite struct UDPProbeTests {
  @Test func admitsThatItCannotKnow() {
    #expect(UDPProbe().probe() == .notCheckable(reason: "UDP cannot be checked without a payload"))
  }
}
