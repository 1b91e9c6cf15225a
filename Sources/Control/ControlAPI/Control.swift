package import FoundationEssentials
package import JSONDocument

/// How the guest behind a route is between stopped and ready, where the agent starts and stops it.
package struct Control: Decodable, Hashable, Sendable {
  /// `stopped`, `starting`, `waiting`, `ready`, `stopping` or `failed`.
  package var state: String
  package var since: Date
  /// Why it failed, or what is worth knowing although it goes on.
  package var cause: String?
  /// When it is tried again.
  package var until: Date?
  /// Why the agent started it; null if somebody else did.
  package var startedBy: String?

  package init(state: String, since: Date, cause: String?, until: Date?, startedBy: String?) {
    (self.state, self.since) = (state, since)
    (self.cause, self.until, self.startedBy) = (cause, until, startedBy)
  }

  private enum CodingKeys: String, CodingKey {
    case state, since, cause, until
    case startedBy = "started_by"
  }
}

/// `POST /v1/routes/{alias}/start` and its like that was taken.
package struct ControlAnswer: Decodable, Hashable, Sendable {
  package var control: Control
  package init(control: Control) { self.control = control }
}

extension Control: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.cause, cause)
    json.field(CodingKeys.since, since)
    json.field(CodingKeys.startedBy, startedBy)
    json.field(CodingKeys.state, state)
    json.field(CodingKeys.until, until)
    json.endObject()
  }
}

extension ControlAnswer: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.control, control)
    json.endObject()
  }
}
