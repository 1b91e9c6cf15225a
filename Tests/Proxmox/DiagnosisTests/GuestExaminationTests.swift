import ProxmoxInventory
import Testing

@testable import Diagnosis

@Suite("GuestExamination") struct GuestExaminationTests {
  private func sighting(_ vmid: Int, _ outcome: GuestSighting.Outcome, isQEMU: Bool = true) -> GuestSighting {
    GuestSighting(vmid: vmid, name: "vm-\(vmid)", node: "pve1", isQEMU: isQEMU, outcome: outcome)
  }

  private func checks(_ sightings: GuestSighting..., total: Int? = nil) -> [Finding] {
    GuestExamination(survey: .init(sightings: sightings, total: total ?? sightings.count)).checks
  }

  @Test("The summary counts addresses by where they come from")
  func summary() {
    let checks = checks(
      sighting(101, .addresses(.interfaces)), sighting(102, .addresses(.interfaces)), sighting(901, .addresses(.agent)),
      sighting(902, .addresses(.config)), sighting(903, .gone))
    #expect(checks.map(\.severity) == [.ok])
    #expect(
      checks[0].found
        == "4 of 5 guests have addresses: 2 from the interfaces of containers, 1 from guest agents, 1 from configurations"
    )
  }

  static let reasons: [(outcome: GuestSighting.Outcome, severity: Severity, words: String, command: String?)] = [
    (.stopped, .ok, "not running", nil),
    (.withoutAddress, .warning, "no interface has an address", nil),
    (.agentNotEnabled, .warning, "without a guest agent", "qm set 901 --agent enabled=1"),
    (
      .agentSilent, .warning, "does not answer",
      "apt-get install -y qemu-guest-agent && systemctl enable --now qemu-guest-agent"
    ),
    (.agentRefused("the guest agent refuses: disabled"), .warning, "refuses: disabled", nil),
    (.predatesInterfaces, .warning, "before 8.1", "apt-get update && apt-get dist-upgrade"),
    (.asksOwnNode, .warning, "tells no interfaces", "apt-get update && apt-get dist-upgrade"),
    (.forbidden, .warning, "for want of a right", nil),
    (.nodeOffline, .warning, "node cannot be reached", nil),
    (.failed("PVE answers 500 oops"), .warning, "500 oops", nil),
  ]

  @Test("Every guest without an address is named with the reason", arguments: reasons)
  func reason(outcome: GuestSighting.Outcome, severity: Severity, words: String, command: String?) throws {
    let checks = checks(sighting(901, outcome), sighting(101, .addresses(.interfaces)))
    let check = try #require(checks.dropFirst().first)
    #expect(checks.count == 2 && check.severity == severity)
    #expect(check.found.contains(words) && check.found.contains("901 vm-901 on pve1"), "\(check.found)")
    if let command { #expect(check.commands.contains(command)) }
  }

  @Test("Many failures make one finding")
  func failures() {
    let checks = GuestExamination(
      survey: .init(sightings: (1...9).map { sighting(100 + $0, .failed("500 no \($0)")) }, total: 9)
    ).checks
    #expect(checks.count == 2 && checks[1].found.hasSuffix("103 vm-103 on pve1: 500 no 3 and 6 more"), "\(checks)")
  }

  @Test("No guest at all, and more than are asked")
  func extremes() {
    #expect(checks().map(\.found) == ["no guest is seen"])
    #expect(checks(sighting(901, .stopped), total: 900)[0].found.contains("(1 of 900 guests were asked)"))
    #expect(GuestSurvey.sample(Array(0..<10), 3) == [0, 3, 6])
    #expect(GuestSurvey.sample([1, 2], 3) == [1, 2])
  }
}
