import ControlAPI
import Foundation
import Testing

@testable import Commands

@Suite struct EventLineTests {
  private let now = Date(timeIntervalSince1970: 1_700_000_000)

  private func guest(_ change: @Sendable (inout GuestJSON) -> Void = { _ in }) -> GuestJSON {
    var guest = GuestJSON(
      cluster: "home", vmid: 101, type: "lxc", name: "plex", node: "pve1", status: "running",
      addresses: ["127.70.1.101"], asOf: now, stale: false, error: nil)
    change(&guest)
    return guest
  }

  private func line(_ before: GuestJSON?, _ after: GuestJSON?, reason: String? = nil) -> String {
    let event = EventData.GuestEvent(
      at: now, cluster: "home", vmid: 101, before: before, after: after, reason: reason)
    return EventLine.render("guest.changed", .guest(event), style: .plain)
  }

  struct Case: Sendable {
    var text: String
    var change: @Sendable (inout GuestJSON) -> Void

    init(_ text: String, _ change: @escaping @Sendable (inout GuestJSON) -> Void) {
      (self.text, self.change) = (text, change)
    }
  }

  @Test(
    arguments: [
      Case("lock none -> migrate") { $0.lock = "migrate" }, Case("node pve1 -> pve2") { $0.node = "pve2" },
      Case("tags none -> a, b") { $0.tags = ["a", "b"] }, Case("HA none -> started") { $0.haState = "started" },
      Case("pool none -> media") { $0.pool = "media" }, Case("type lxc -> lxc template") { $0.template = true },
      Case("address 127.70.1.101 -> 127.70.1.101, ::1") { $0.addresses += ["::1"] },
      Case("running -> stopped, address 127.70.1.101 -> none") { ($0.status, $0.addresses) = ("stopped", []) },
    ])
  func reportsWhatChanged(_ row: Case) {
    #expect(
      line(guest(), guest(row.change)) == "\(LocalClock.time(of: now))  guest.changed   home/101: plex: \(row.text)\n")
  }

  @Test func reportsWhatIsNewAndWhatIsGone() {
    #expect(line(nil, guest()).hasSuffix("home/101: new: plex running on pve1 at 127.70.1.101\n"))
    #expect(
      line(guest(), nil, reason: "destroyed").hasSuffix(
        "home/101: gone: plex running on pve1 at 127.70.1.101 (destroyed)\n"))
  }

  @Test func reportsWhatChangedOfANode() {
    let node = NodeJSON(
      cluster: "home", name: "pve1", status: "online", addresses: ["127.70.1.1"], asOf: now, stale: false, error: nil)
    var after = node
    (after.status, after.addresses) = ("offline", ["127.70.1.1", "127.70.1.9"])
    let event = EventData.NodeEvent(at: now, cluster: "home", name: "pve1", before: node, after: after)
    #expect(
      EventLine.render("node.changed", .node(event), style: .plain).hasSuffix(
        "home/pve1: online -> offline, address 127.70.1.1 -> 127.70.1.1, 127.70.1.9\n"))
  }
}
