import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
import Testing

@testable import Diagnosis

@Suite("GuestCheck") struct GuestCheckTests {
  private func observation(_ vmid: Int, _ outcome: GuestObservation.Outcome, isQEMU: Bool = true) -> GuestObservation {
    GuestObservation(vmid: vmid, name: "vm-\(vmid)", node: "pve1", isQEMU: isQEMU, outcome: outcome)
  }

  private func checks(_ observations: GuestObservation..., total: Int? = nil) -> [Finding] {
    GuestCheck(survey: .init(observations: observations, total: total ?? observations.count)).checks
  }

  @Test("The summary counts addresses by source")
  func summary() {
    let checks = checks(
      observation(101, .addresses(.interfaces)), observation(102, .addresses(.interfaces)),
      observation(901, .addresses(.agent)),
      observation(902, .addresses(.config)), observation(903, .missing(.gone(""))))
    #expect(checks.map(\.severity) == [.ok])
    #expect(
      checks[0].found
        == "4 of 5 guests have addresses: 2 from the interfaces of containers, 1 from guest agents, 1 from configurations"
    )
  }

  static let reasons: [(shortfall: AddressShortfall, severity: Severity, words: String, command: String?)] = [
    (.stopped, .ok, "not running", nil),
    (.noAddress, .warning, "no interface has an address", nil),
    (.agentNotEnabled(vmid: 901), .warning, "without a guest agent", "qm set 901 --agent enabled=1"),
    (
      .agentSilent("QEMU guest agent is not running"), .warning, "does not answer",
      "apt-get install -y qemu-guest-agent && systemctl enable --now qemu-guest-agent"
    ),
    (.agentRefused("disabled"), .warning, "answers and refuses", nil),
    (.predatesInterfaces, .warning, "before 8.1", "apt-get update && apt-get dist-upgrade"),
    (.asksOwnNode("pve1"), .warning, "reports no interfaces", "apt-get update && apt-get dist-upgrade"),
    (
      .forbidden(.init(path: "/vms/901", privileges: "VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted"), "403"),
      .warning,
      "for want of VM.GuestAgent.Audit, not", nil
    ),
    (.environmentRefused("403"), .warning, "environment variables", nil),
    (.nodeUnreachable("595"), .warning, "node cannot be reached", nil),
    (.failed("PVE answers 500 oops"), .warning, "500 oops", nil),
  ]

  @Test("Every guest without an address is named with the reason", arguments: reasons)
  func reason(shortfall: AddressShortfall, severity: Severity, words: String, command: String?) throws {
    let checks = checks(observation(901, .missing(shortfall)), observation(101, .addresses(.interfaces)))
    let check = try #require(checks.dropFirst().first)
    #expect(checks.count == 2 && check.severity == severity)
    #expect(check.found.contains(words) && check.found.contains("901 vm-901 on pve1"), "\(check.found)")
    if let command { #expect(check.commands.contains(command)) }
  }

  @Test("Many failures make one finding")
  func failures() {
    let checks = GuestCheck(
      survey: .init(observations: (1...9).map { observation(100 + $0, .missing(.failed("500 no \($0)"))) }, total: 9)
    ).checks
    #expect(checks.count == 2 && checks[1].found.hasSuffix("103 vm-103 on pve1: 500 no 3 and 6 more"), "\(checks)")
  }

  @Test("Guests of one reason make one finding, whatever the text of each")
  func groups() {
    let checks = checks(
      observation(901, .missing(.agentSilent("VM 901 qga command failed - got timeout"))),
      observation(902, .missing(.agentSilent("QEMU guest agent is not running"))),
      observation(903, .missing(.forbidden(.init(path: "/vms/903", privileges: "VM.Audit"), "403"))),
      observation(904, .missing(.forbidden(.init(path: "/vms/904", privileges: "VM.Audit"), "403"))))
    #expect(checks.count == 3, "\(checks)")
  }

  @Test("Guests of which an online node sends no data are named, with the service that sends them")
  func unreported() {
    var guest = observation(101, .addresses(.interfaces))
    guest.isUnreported = true
    let checks = checks(guest)
    #expect(checks.count == 2 && checks[1].commands == ["systemctl restart pvestatd"], "\(checks)")
  }

  @Test("No guest at all, and more than are asked")
  func extremes() {
    #expect(checks().map(\.found) == ["no guest is seen"])
    #expect(checks(observation(901, .missing(.stopped)), total: 900)[0].found.contains("(1 of 900 guests were asked)"))
    #expect(GuestSurvey.sample(Array(0..<10), 3) == [0, 3, 6])
    #expect(GuestSurvey.sample([1, 2], 3) == [1, 2])
  }
}
