import Hummingbird
import NIOCore

/// A request that met an endpoint.
struct APIRequest: Sendable {
  /// What stands for `{alias}` in the path.
  var alias: String
  var query: RequestQuery
  var headers: HTTPFields
  var channel: any Channel
}
