@testable import Diagnosis

extension Finding {
  /// The commands of all remedies, in order.
  var commands: [String] { remedies.flatMap(\.commands) }
}
