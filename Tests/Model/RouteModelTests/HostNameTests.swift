import RouteModel
import Testing

@Suite struct HostNameTests {
  @Test(
    arguments: [
      ("plex", "plex"), ("Plex.LAN", "plex.lan"), ("plex.lan.", "plex.lan"), (".", "."), ("", ""), ("PVE1.", "pve1"),
    ])
  func folds(_ name: String, _ folded: String) {
    #expect(HostName.fold(name) == folded)
  }

  @Test(arguments: [("plex", "plex"), ("plex.lan", "plex"), ("a.b.c", "a"), (".lan", ""), ("", "")])
  func findsTheFirstLabel(_ name: String, _ label: String) {
    #expect(HostName.firstLabel(name) == label)
  }

  @Test(arguments: [("plex", true), ("plex.lan", false), ("", true)])
  func knowsBareNames(_ name: String, _ isBare: Bool) {
    #expect(HostName.isBare(name) == isBare)
  }
}
