/// Why guests or nodes are gone, for those that went last: in a cluster that churns for weeks it stays short.
package struct Departures<ID: Hashable & Sendable>: Hashable, Sendable {
  private static var limit: Int { 256 }
  private var reasons: [ID: String] = [:]
  private var order: [ID] = []

  package init() {}

  /// A sentence for a person; nil for one that is here, or went long ago.
  package subscript(id: ID) -> String? { reasons[id] }

  package mutating func note(_ id: ID, because reason: String) {
    if reasons.updateValue(reason, forKey: id) == nil { order.append(id) }
    if order.count > Self.limit { reasons[order.removeFirst()] = nil }
  }

  /// It is here again.
  package mutating func forget(_ id: ID) {
    if reasons.removeValue(forKey: id) != nil { order.removeAll { $0 == id } }
  }

  package var isEmpty: Bool { reasons.isEmpty }
}
