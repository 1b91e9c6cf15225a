import Synchronization

/// A list of which damaged elements are left out when it is decoded.
package struct SoundElements<Element: Codable & Sendable>: Codable, Sendable {
  package var elements: [Element]

  package init(_ elements: [Element]) { self.elements = elements }

  package init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    elements = []
    while !container.isAtEnd {
      do { elements.append(try container.decode(Element.self)) } catch { decoder.noteDamage() }
    }
  }

  package func encode(to encoder: any Encoder) throws { try elements.encode(to: encoder) }
}

/// How many parts of a document were left out, being damaged.
package final class JSONDamage: Sendable {
  private let parts = Mutex(0)

  package init() {}
  package var count: Int { parts.withLock { $0 } }
  func note() { parts.withLock { $0 += 1 } }
}

extension Decoder {
  /// Counts a part that is left out.
  package func noteDamage() { (self as? JSONValueDecoder)?.settings.damage?.note() }
}
