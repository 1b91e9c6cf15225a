import JSONDocument

/// `GET …/status/current`.
package struct GuestState: Hashable, Sendable {
  /// `running`, `stopped`.
  package var status: String
  package var name: String?
  /// In seconds; 0 while it does not run.
  package var uptime: Int?

  init?(_ data: JSONValue) {
    guard let status = data["status"].nonEmptyString else { return nil }
    self.status = status
    name = data["name"].nonEmptyString
    uptime = data["uptime"].seconds
  }
}
