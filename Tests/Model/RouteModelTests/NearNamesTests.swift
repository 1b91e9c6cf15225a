import RouteModel
import Testing

@Suite struct NearNamesTests {
  @Test(arguments: [
    ("plexx", ["plex"]), ("PLEX", ["plex"]), ("gra", ["grafana"]), ("pelx", ["plex"]), ("vault", ["vaultwarden"]),
    ("nextcloud", []), ("", []),
  ])
  func findsWhatWasMeant(name: String, expected: [String]) {
    #expect(NearNames.of(name, among: ["grafana", "plex", "vaultwarden"]) == expected)
  }

  @Test func namesThreeAtMostTheBestFirst() {
    #expect(NearNames.of("app", among: ["app4", "apq", "app3", "app2", "app1"]) == ["app1", "app2", "app3"])
  }
}
