import Synchronization

/// A list that omits damaged elements when it is decoded.
package struct SoundElements<Element: Codable & Sendable>: Codable, Sendable {
  package var elements: [Element]

  package init(_ elements: [Element]) { self.elements = elements }

  package init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    elements = []
    while !container.isAtEnd {
      do { elements.append(try container.decode(Element.self)) } catch { decoder.recordDamage() }
    }
  }

  package func encode(to encoder: any Encoder) throws { try elements.encode(to: encoder) }
}

/// The number of damaged parts of a document that were omitted.
package final class JSONDamage: Sendable {
  private let parts = Mutex(0)

  package init() {}
  package var count: Int { parts.withLock { $0 } }
  func record() { parts.withLock { $0 += 1 } }
}

extension Decoder {
  /// Counts an omitted part.
  package func recordDamage() { (self as? JSONValueDecoder)?.settings.damage?.record() }
}
