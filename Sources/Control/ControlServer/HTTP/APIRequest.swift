import HTTPMessages
import NIOCore

/// A request for one of the operations.
struct APIRequest: Sendable {
  /// The value of `{alias}` in the path.
  var alias: String
  var query: RequestQuery
  var head: RequestHead
  var channel: any Channel

  var lastEventID: String? {
    let fields = head.fields
    return fields.lines.first { fields.name(of: $0).lowercased() == "last-event-id" }.map(fields.value)
  }
}
