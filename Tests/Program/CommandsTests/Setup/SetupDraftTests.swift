import Diagnosis
import PeerTrust
import RouteModel
import Testing

@testable import Commands

/// The texts of the files that `setup` writes. That the agent reads them is tested through the real program.
@Suite struct SetupDraftTests {
  private var draft = ConfigurationDraft(
    cluster: "home", endpoints: ["https://10.0.0.11:8006"], tokenID: "pvescout@pve!agent-a", secretFile: "home.secret",
    trust: .systemRoots)

  @Test func whatWasNotAcceptedIsAComment() {
    #expect(
      draft.text.contains("\n    # control: true\n") && draft.text.contains("\n# proxy: {http: \"0.0.0.0:80\"}\n"))
    #expect(!draft.text.contains("loopback_guests") && !draft.text.contains("tls"))
  }

  @Test mutating func whatWasAcceptedIsASetting() {
    (draft.control, draft.proxy, draft.loopbackGuests) = (true, "0.0.0.0:80", true)
    #expect(draft.text.contains("\n    control: true\n") && draft.text.contains("\nproxy: {http: \"0.0.0.0:80\"}\n"))
    #expect(draft.text.contains("\ndiscovery: {loopback_guests: true}"))
  }

  @Test mutating func namesTheCertificatesThatAreTrusted() throws {
    let pin = try #require(CertificateFingerprint(bytes: [UInt8](repeating: 0xAB, count: 32)))
    draft.trust = .fingerprints([.init(fingerprint: pin, node: "pve1")])
    #expect(draft.text.contains("    tls:\n      fingerprint:\n        - \"\(pin)\" # pve1\n"))
    draft.trust = .caFile("home.ca.pem")
    #expect(draft.text.contains("    tls: {ca_file: home.ca.pem}\n"))
  }

  private func service(_ alias: String, _ scheme: RouteScheme = .http, sharesItsName: Bool = false) throws
    -> FoundService
  {
    FoundService(alias: try RouteAlias(alias), port: 8096, scheme: scheme, vmid: 105, sharesItsName: sharesItsName)
  }

  @Test func aRouteSaysNoMoreThanItHasTo() throws {
    let draft = RouteDraft(
      services: [
        try service("jellyfin"), try service("portainer", .https), try service("grafana", sharesItsName: true),
      ], isAccepted: true)
    #expect(
      draft.lines == [
        "jellyfin: {port: 8096}", "portainer: {port: 8096, scheme: https}",
        "grafana: {port: 8096, proxmox: {vmid: 105}}",
      ])
  }

  @Test func routesThatWereNotAcceptedAreComments() throws {
    let draft = RouteDraft(nodes: ["pve1"], services: [try service("jellyfin")], isAccepted: false)
    #expect(
      draft.text.contains("\n# jellyfin: {port: 8096}\n") && draft.text.contains("\n# pve1: {proxmox: {node: pve1}}\n"))
    #expect(draft.text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
  }

  @Test func aNodeOnAnotherPortIsReachedThere() {
    let draft = RouteDraft(nodes: ["pve1"], port: "443", services: [], isAccepted: true)
    #expect(draft.text.contains("\npve1: {proxmox: {node: pve1}, port: 443, scheme: https}\n"))
  }
}
