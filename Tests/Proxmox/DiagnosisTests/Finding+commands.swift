@testable import Diagnosis

extension Finding {
  /// Of all remedies, in their order.
  var commands: [String] { remedies.flatMap(\.commands) }
}
