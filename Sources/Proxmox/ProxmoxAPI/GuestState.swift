import JSONDocument

/// `GET …/status/current`.
package struct GuestState: Hashable, Sendable {
  /// `running`, `stopped`.
  package var status: String
  package var name: String?
  /// In seconds; 0 while it is not running.
  package var uptime: Int?
  /// For a VM whose ``status`` is `running`: `paused`, `prelaunch`, ….
  package var qmpStatus: String?
  package var lock: String?
  package var isTemplate = false
  /// Whether the HA manager starts and stops it.
  package var isHAManaged = false
  /// The bytes received and sent since its start.
  package var networkBytes: Int?

  package init(status: String) { self.status = status }

  init?(_ data: JSONValue) {
    guard let status = data["status"].nonEmptyString else { return nil }
    self.init(status: status)
    name = data["name"].nonEmptyString
    uptime = data["uptime"].seconds
    qmpStatus = data["qmpstatus"].nonEmptyString
    lock = data["lock"].nonEmptyString
    isTemplate = data["template"].bool ?? false
    isHAManaged = data["ha"]["managed"].bool ?? false
    networkBytes = data["netin"].int(in: 0...JSONValue.maxInteger / 2).flatMap { received in
      data["netout"].int(in: 0...JSONValue.maxInteger / 2).map { received + $0 }
    }
  }
}
