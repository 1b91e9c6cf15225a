import JSONDocument

@testable import ProxmoxAPI

extension NodeSummary {
  static func sample(_ name: String, pin: String) throws -> NodeSummary {
    struct Missing: Error {}
    let entry = JSONValue.object(["node": .string(name), "ssl_fingerprint": .string(pin)])
    guard let summary = NodeSummary(entry) else { throw Missing() }
    return summary
  }
}
