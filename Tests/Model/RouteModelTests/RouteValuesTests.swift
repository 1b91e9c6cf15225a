import RouteModel
import Testing

@Suite struct RouteValuesTests {
  @Test(
    arguments: [
      (Upstream.network(scheme: .http, host: "10.0.0.50", port: 32400), "http://10.0.0.50:32400"),
      (.network(scheme: .https, host: "fd00::1", port: 443), "https://[fd00::1]:443"),
      (.network(scheme: .udp, host: "dns", port: 53), "udp://dns:53"), (.files(root: "/srv/www"), "file:///srv/www"),
    ])
  func anUpstreamReadsAsURL(_ upstream: Upstream, _ url: String) {
    #expect(upstream.description == url)
  }

  @Test(
    arguments: [
      (.http, 80, false), (.https, 443, false), (.h2c, 80, false), (.tcp, 80, true),
      (.udp, 80, true), (.fileserver, nil, false),
    ] as [(RouteScheme, UInt16?, Bool)])
  func aSchemeKnowsItsCustoms(_ scheme: RouteScheme, _ port: UInt16?, _ isStream: Bool) {
    #expect(scheme.defaultPort == port)
    #expect(scheme.isStream == isStream)
  }

  @Test func poolsKeepAnAliasInTheirOrder() {
    #expect(RoutePool.allCases.shuffled().sorted() == [.http, .stream, .excluded])
  }

  @Test func aProblemReadsAsAPlaceAndALine() {
    let place = SourceLocation(file: "routes.yml", line: 3, column: 5)
    #expect(Problem(.error, at: place, "no").description == "routes.yml:3:5: no")
    #expect(Problem(.warning, at: place, "no").description == "routes.yml:3:5: warning: no")
  }

  @Test func aGuestIsTheSameWhereverItLives() {
    func guest(_ vmid: VMID, on node: String, _ status: GuestStatus) -> LinkedResource {
      LinkedResource(
        .guest(GuestID(cluster: "home", vmid: vmid), node: node, name: "plex", type: .lxc, status: status),
        matchedBy: .alias, matched: "plex")
    }
    let plex = guest(105, on: "pve1", .running)
    #expect(plex.isSameResource(as: guest(105, on: "pve2", .stopped)))
    #expect(!plex.isSameResource(as: guest(106, on: "pve1", .running)))
    #expect(plex.node == NodeID(cluster: "home", name: "pve1"))
    #expect(plex.guest == GuestID(cluster: "home", vmid: 105))
    let node = LinkedResource(.node(plex.node), matchedBy: .address, matched: "10.0.0.11")
    #expect(!plex.isSameResource(as: node))
    #expect(node.guest == nil && node.cluster == "home")
    #expect(ProxmoxLink.linked(plex).resource == plex)
    #expect(ProxmoxLink.ambiguous([plex], reason: "two").resource == nil)
  }
}
