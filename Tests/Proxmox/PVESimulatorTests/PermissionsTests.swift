import Testing

@testable import PVESimulator

@Suite struct PermissionsTests {
  private let permissions = Permissions([
    "/": .init(["VM.Audit", "Sys.Audit"]),
    "/vms": .init(["VM.PowerMgmt"]),
    "/vms/101": .init(["VM.Audit"], propagates: false),
    "/nodes/pve1": .init([]),
  ])

  @Test(arguments: [
    ("Sys.Audit", "/", true), ("Sys.Audit", "/nodes/pve2", true), ("Sys.Audit", "/nodes/pve1", false),
    ("VM.Audit", "/vms", false), ("VM.Audit", "/vms/100", false), ("VM.PowerMgmt", "/vms/100", true),
    ("VM.Audit", "/vms/101", true), ("VM.PowerMgmt", "/vms/101", false),
  ])
  func replacesInheritedRolesOnDeeperPaths(privilege: String, path: String, granted: Bool) {
    #expect(permissions.grants(privilege, on: path) == granted)
  }

  @Test func keepsToOnePathWithoutPropagation() {
    let permissions = Permissions(["/": .init(["Sys.Audit"], propagates: false)])
    #expect(permissions.grants("Sys.Audit", on: "/"))
    #expect(!permissions.grants("Sys.Audit", on: "/nodes/pve1"))
  }

  @Test(arguments: [("a%20b", "a b"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("%C3%A9", "é")])
  func decodesPercentSigns(text: String, decoded: String) {
    #expect(percentDecoded(Substring(text)) == decoded)
  }
}
