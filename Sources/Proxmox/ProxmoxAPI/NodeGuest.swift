import JSONDocument

/// One entry of `GET /nodes/{n}/lxc` or `/qemu`.
package struct NodeGuest: Hashable, Sendable {
  package var vmid: Int
  package var name: String?
  /// `running` or `stopped`.
  package var status: String
  package var isTemplate: Bool
  /// In seconds; 0 while it is not running.
  package var uptime: Int?

  package init(vmid: Int, name: String?, status: String, isTemplate: Bool = false, uptime: Int? = nil) {
    (self.vmid, self.name, self.status) = (vmid, name, status)
    (self.isTemplate, self.uptime) = (isTemplate, uptime)
  }

  /// The VMID is a string before pve-container 5.0.10.
  init?(_ entry: JSONValue) {
    guard let vmid = entry["vmid"].int, let status = entry["status"].nonEmptyString else { return nil }
    self.init(
      vmid: vmid, name: entry["name"].nonEmptyString, status: status, isTemplate: entry["template"].bool ?? false,
      uptime: entry["uptime"].int)
  }
}
