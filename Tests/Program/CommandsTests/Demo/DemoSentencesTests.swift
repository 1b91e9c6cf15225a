import ControlAPI
import FoundationEssentials
import Testing

@testable import Commands

@Suite struct DemoSentencesTests {
  private let now = Date(timeIntervalSince1970: 1_700_000_000)

  private func link(node: String, status: String = "running") -> LinkJSON {
    .linked(
      LinkedResourceJSON(
        kind: .guest, cluster: "home", node: node, vmid: 101, name: "plex", guestType: "lxc", guestStatus: status,
        matchedBy: "address", matched: "127.70.1.101"))
  }

  private func route(target: String, node: String = "pve1", health: String = "healthy", detail: String = "")
    -> RouteJSON
  {
    RouteJSON(
      key: "plex", alias: "plex", provider: "file:routes", pool: "http", scheme: "http", target: target,
      link: link(node: node),
      health: HealthJSON(status: health, uptimeMilliseconds: 1, latencyMicroseconds: 900, detail: detail))
  }

  private func guest(node: String = "pve1", status: String = "running", addresses: [String] = ["127.70.1.101"])
    -> GuestJSON
  {
    GuestJSON(
      cluster: "home", vmid: 101, type: "lxc", name: "plex", node: node, status: status, addresses: addresses,
      asOf: now, stale: false, error: nil)
  }

  @Test func reportsThatALinkMoved() {
    var sentences = DemoSentences([route(target: "http://127.70.1.101:32400")])
    let event = EventData.LinkEvent(
      at: now, key: "plex", alias: "plex", before: link(node: "pve1"), after: link(node: "pve2"))
    #expect(
      sentences.sentences(for: .link(event)).map(\.text) == [
        "plex: linked to guest 101 plex on pve2 (was guest 101 plex on pve1)"
      ])
  }

  @Test func reportsANewTargetOnce() {
    var sentences = DemoSentences([route(target: "http://127.70.1.101:32400")])
    let event = EventData.route(.init(at: now, route: route(target: "http://127.70.1.110:32400")))
    #expect(
      sentences.sentences(for: event).map(\.text) == [
        "plex: target http://127.70.1.101:32400 → http://127.70.1.110:32400"
      ])
    #expect(sentences.sentences(for: event).isEmpty)
  }

  @Test func reportsWhyARouteFails() {
    var sentences = DemoSentences([])
    let before = HealthJSON(status: "healthy", uptimeMilliseconds: 1, latencyMicroseconds: 900, detail: "200 OK")
    let after = HealthJSON(status: "unhealthy", uptimeMilliseconds: 0, latencyMicroseconds: nil, detail: "refused")
    let event = EventData.HealthEvent(
      at: now, key: "plex", alias: "plex", before: before, after: after, cause: "guest 101 (plex) is stopped")
    #expect(
      sentences.sentences(for: .health(event)).map(\.text) == [
        "plex: healthy → unhealthy (guest 101 (plex) is stopped)"
      ])
  }

  @Test func reportsEachChangeOfAGuest() {
    var sentences = DemoSentences([])
    let event = EventData.GuestEvent(
      at: now, cluster: "home", vmid: 101, before: guest(),
      after: guest(node: "pve2", status: "stopped", addresses: []))
    #expect(
      sentences.sentences(for: .guest(event)).map(\.text) == [
        "101 plex: node pve1 → pve2", "101 plex: running → stopped", "101 plex: address 127.70.1.101 → none",
      ])
  }

  @Test func printsRowsThatChangedInMoreThanTheirLatency() {
    var review = DemoReview([route(target: "a")])
    var same = route(target: "a", detail: "200 OK in another time")
    same.health.latencyMicroseconds = 5
    #expect(review.changes(in: [same]).isEmpty)
    let moved = route(target: "a", node: "pve2")
    #expect(review.changes(in: [moved]) == [moved])
    #expect(review.changes(in: [moved]).isEmpty)
  }

  @Test func hasSettledWhenAllIsLinkedAndProbed() throws {
    var routes = DemoScenario.linkedAliases.subtracting(["plex"]).reduce(into: ["plex"]) { $0.append($1) }.map {
      alias in
      var route = route(target: "a")
      (route.key, route.alias) = (alias, alias)
      return route
    }
    #expect(DemoSettling.unsettled(routes).isEmpty)
    let alias = routes[0].alias
    routes[0].health.status = "unknown"
    #expect(DemoSettling.unsettled(routes) == [alias])
    routes[0].health.status = "unhealthy"
    #expect(DemoSettling.unsettled(routes) == [alias], "its service runs")
    routes[0].health.status = "healthy"
    let stopped = try #require(routes.firstIndex { $0.alias == DemoScenario.stoppedService })
    routes[stopped].health.status = "unhealthy"
    #expect(DemoSettling.unsettled(routes).isEmpty)
    routes[0].target = nil
    #expect(DemoSettling.unsettled(routes) == [alias])
    routes[0].target = "a"
    routes[0].link = .unlinked(reason: "inventory_pending", detail: "")
    #expect(DemoSettling.unsettled(routes) == [alias])
  }
}
