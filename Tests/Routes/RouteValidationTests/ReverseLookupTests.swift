import ProxmoxInventory
import RouteModel
import RouteValidation
import Testing

@Suite struct ReverseLookupTests {
  static let home = Lab.inventory(
    [Lab.node("pve1", "10.0.0.11"), Lab.node("pve2", "10.0.0.12", status: .offline)],
    [
      Lab.guest(105, "plex", "10.0.0.50"), Lab.guest(106, "wiki.home.example", "10.0.0.51"),
      Lab.guest(107, "Jellyfin", "10.0.0.52", "fd00::52"), Lab.guest(108, "pve1", "10.0.0.53"),
      Lab.guest(109, "twin", "10.0.0.54"), Lab.guest(110, "twin", "10.0.0.55", status: .stopped),
      Lab.guest(111, "pair", "10.0.0.56"), Lab.guest(112, "pair", "10.0.0.57"),
      Lab.guest(113, "idle", status: .stopped), Lab.guest(114, "idle", status: .stopped),
      Lab.guest(115, "ghost", on: "pve2"), Lab.guest(116, "ghost"),
      Lab.guest(117, "shadow", "10.0.0.11"), Lab.guest(118, "lent", "10.0.0.50", status: .stopped, source: .config),
      Lab.guest(119, "dock", "172.17.0.1", interface: "docker0"), Lab.guest(120, "10.0.0.99"),
      Lab.guest(9000, "template", isTemplate: true),
    ])

  @Test(
    "nodes before guests; address, hostname, alias; full names before first labels",
    arguments: [
      ("plex", nil, "guest 105 by alias"), ("PLEX", nil, "guest 105 by alias"),
      ("x", "10.0.0.50", "guest 105 by address"), ("x", "fd00:0::52", "guest 107 by address"),
      ("x", "jellyfin", "guest 107 by hostname"), ("x", "plex.home.example", "guest 105 by hostname"),
      ("wiki", nil, "guest 106 by alias"), ("x", "wiki.other.example", "no_match"),
      ("x", "wiki.home.example.", "guest 106 by hostname"), ("plex", "jellyfin", "guest 107 by hostname"),
      ("plex", "10.0.0.52", "guest 107 by address"), ("plex", "10.0.0.200", "guest 105 by alias"),
      ("pve1", nil, "node pve1 by alias"), ("plex", "10.0.0.11", "node pve1 by address"),
      ("pve2.home.example", nil, "node pve2 by alias"), ("pve1", "10.0.0.50", "node pve1 by alias"),
      ("x", "172.17.0.1", "no_match"), ("10.0.0.99", nil, "no_match"), ("template", nil, "no_match"),
      ("plex", "localhost", "guest 105 by alias"), ("plex", "127.0.0.1", "guest 105 by alias"),
      ("x", "::1", "no_match"), ("plex", "0.0.0.0", "guest 105 by alias"),
      ("twin", nil, "guest 109 by alias"), ("pair", nil, "ambiguous 111 112"), ("idle", nil, "ambiguous 113 114"),
      ("ghost", nil, "guest 116 by alias"),
    ])
  func finds(alias: String, host: String?, expected: String) {
    let decision = ReverseLookup(inventory: Self.home).explain(host: host, address: nil, alias: alias)
    #expect(decision.link.brief == expected)
    #expect(!decision.steps.isEmpty)
  }

  /// Two names with the same first label are different names; the whole name decides, in any order of the guests.
  @Test(
    "a full name and a first label",
    arguments: [
      ("x", "app.home.example", "guest 202 by hostname"), ("x", "app", "guest 201 by hostname"),
      ("x", "app.other.example", "guest 201 by hostname"), ("app.home.example", nil, "guest 202 by alias"),
      ("x", "web.home.example", "guest 203 by hostname"), ("x", "web", "guest 203 by hostname"),
      ("x", "web.other.example", "no_match"),
    ] as [(String, String?, String)])
  func comparesNamesInFull(alias: String, host: String?, expected: String) {
    let inventory = Lab.inventory(
      [Lab.node("pve1")],
      [Lab.guest(201, "app"), Lab.guest(202, "app.home.example"), Lab.guest(203, "web.home.example")])
    let link = ReverseLookup(inventory: inventory).explain(host: host, address: nil, alias: alias).link
    #expect(link.brief == expected)
  }

  @Test(
    "`localhost` is this machine: a guest with that name is linked by the alias only",
    arguments: [
      ("x", "localhost", "no_match"), ("x", "LOCALHOST.", "no_match"), ("localhost", "localhost", "guest 300 by alias"),
      ("plex", "localhost", "guest 105 by alias"),
    ])
  func neverLinksByTheHostLocalhost(alias: String, host: String, expected: String) {
    let inventory = Lab.inventory([Lab.node("pve1")], [Lab.guest(300, "localhost"), Lab.guest(105, "plex")])
    let link = ReverseLookup(inventory: inventory).explain(host: host, address: nil, alias: alias).link
    #expect(link.brief == expected)
  }

  @Test func anAddressBesidesTheHostIsTheStrongestKey() {
    let decision = ReverseLookup(inventory: Self.home)
      .explain(host: "jellyfin", address: IPAddress("10.0.0.50"), alias: "wiki")
    #expect(decision.link.brief == "guest 105 by address")
  }

  @Test func ofStoppedMatchesThePreviousLinkStays() throws {
    let previous = LinkedResource(
      .guest(GuestID(cluster: "home", vmid: 114), node: "pve1", name: "idle", type: .lxc, status: .running),
      matchedBy: .alias, matched: "idle")
    let lookup = ReverseLookup(inventory: Self.home)
    let decision = lookup.explain(alias: "idle", previous: previous)
    #expect(decision.link.brief == "guest 114 by alias")
    #expect(lookup.explain(alias: "pair", previous: previous).link.brief == "ambiguous 111 112")
  }

  @Test func theSamePairOfNodesInTwoClustersIsAmbiguous() {
    let inventory = Lab.inventory([Lab.node("pve", "10.0.0.1"), Lab.node("pve", "10.0.1.1", in: "shed")])
    let lookup = ReverseLookup(inventory: inventory)
    #expect(lookup.explain(host: nil, address: nil, alias: "pve").link.brief == "ambiguous pve pve")
    #expect(lookup.explain(host: "10.0.1.1", address: nil, alias: "pve").link.resource?.cluster == "shed")
  }

  @Test func nothingIsConcludedBeforeEveryClusterWasRead() {
    let pending = Lab.pending(Self.home)
    #expect(
      ReverseLookup(inventory: pending).explain(host: nil, address: nil, alias: "nobody").link.brief
        == "inventory_pending"
    )
    #expect(
      ReverseLookup(inventory: pending).explain(host: nil, address: nil, alias: "plex").link.brief
        == "guest 105 by alias")
    #expect(ReverseLookup(inventory: .empty).explain(host: nil, address: nil, alias: "plex").link.brief == "no_cluster")
  }

  @Test func theStepsExplainTheDecision() {
    let steps = ReverseLookup(inventory: Self.home).explain(host: "10.0.0.200", address: nil, alias: "twin").steps
    #expect(
      steps.map { "\($0.subject) \($0.outcome)" } == [
        "node.address missed", "node.alias missed", "guest.address missed", "guest.alias matched", "link chosen",
      ])
    #expect(steps.last?.detail == "guest 109 (twin) on pve1: the only one of 2 matches that runs")
  }

  @Test(
    "while addresses are still being read, no address is reported as unknown",
    arguments: [("x", "10.0.0.200", "inventory_pending"), ("x", "nobody", "no_match"), ("x", nil, "no_match")])
  func waitsForAddresses(alias: String, host: String?, expected: String) {
    var home = Self.home.clusters[0]
    home.awaitsAddresses = true
    let lookup = ReverseLookup(inventory: InventorySnapshot(clusters: [home]))
    #expect(lookup.explain(host: host, address: nil, alias: alias).link.brief == expected)
  }
}
