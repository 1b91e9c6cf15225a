/// Why guests or nodes are gone, for the most recent ones only, so that it remains short.
package struct Departures<ID: Hashable & Sendable>: Hashable, Sendable {
  private static var limit: Int { 256 }
  private var reasons: [ID: String] = [:]
  private var order: [ID] = []

  package init() {}

  /// A sentence for people; nil for one that is present, or was removed long ago.
  package subscript(id: ID) -> String? { reasons[id] }

  package mutating func record(_ id: ID, because reason: String) {
    if reasons.updateValue(reason, forKey: id) == nil { order.append(id) }
    if order.count > Self.limit { reasons[order.removeFirst()] = nil }
  }

  /// Records that it is present again.
  package mutating func forget(_ id: ID) {
    if reasons.removeValue(forKey: id) != nil { order.removeAll { $0 == id } }
  }

  package var isEmpty: Bool { reasons.isEmpty }
}
