import Testing

@testable import ProxmoxAPI

@Suite("ServerFault") struct ServerFaultTests {
  @Test(
    "A fault that PVE's text identifies is reported with a remedy",
    arguments: [
      (
        "RPCEnvironment init request failed: Unable to load access control list: Connection refused",
        ServerFault.clusterFileSystem, "systemctl restart pve-cluster"
      ),
      ("ipcc_send_rec[2] failed: Connection refused", .clusterFileSystem, "systemctl restart pve-cluster"),
      ("address lookup for 'pve1' did not find any IP address", .ownAddress(node: "pve1"), "/etc/hosts"),
      ("got timeout", nil, ""),
    ])
  func identifies(text: String, fault: ServerFault?, words: String) {
    let error = ProxmoxError.server(status: 500, text)
    #expect(error.fault == fault && error.description.contains(text))
    if !words.isEmpty { #expect(error.description.contains(words), "\(error)") }
  }

  @Test("No write privilege is ever requested")
  func asksForNoRightToWrite() {
    func text(_ privileges: String) -> String {
      ProxmoxError.forbidden(.init(path: "/vms/110", privileges: privileges), "403").description
    }
    #expect(text("VM.Audit").contains("grant VM.Audit on /vms/110"))
    #expect(text("VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted").contains("grant VM.GuestAgent.Audit on"))
    #expect(!text("VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted").contains("Unrestricted"))
    for privileges in ["VM.Config.Options", "VM.PowerMgmt"] {
      #expect(!text(privileges).contains("grant VM"), "\(text(privileges))")
    }
    #expect(text("VM.Config.Options").contains("environment variables"))
  }
}
