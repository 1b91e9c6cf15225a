package import FoundationEssentials
package import JSONDocument

/// The state of the guest behind a route, if the agent starts and stops it.
package struct ControlJSON: Decodable, Hashable, Sendable {
  /// `stopped`, `starting`, `waiting`, `ready`, `stopping` or `failed`.
  package var state: String
  package var since: Date
  /// Why it failed, or a remark.
  package var cause: String?
  /// When the next attempt is made.
  package var until: Date?
  /// Why the agent started it; null if it was started otherwise.
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

/// An accepted `POST /v1/routes/{alias}/start` or similar request.
package struct ControlAnswer: Decodable, Hashable, Sendable {
  package var control: ControlJSON
  package init(control: ControlJSON) { self.control = control }
}

extension ControlJSON: JSONWritable {
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
