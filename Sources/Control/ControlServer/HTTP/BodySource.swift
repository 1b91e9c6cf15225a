import JSONDocument
import NIOCore

/// A body that is made while it is written, so that a long list is never in memory as a whole.
protocol BodySource: Sendable {
  /// Appends at least that many bytes to a piece, or all that are left. Returns false behind the last of them.
  mutating func write(to piece: inout ByteBuffer, atLeast count: Int) -> Bool
}

/// A body of parts, each of which is made of elements of one kind.
struct PartedBody<Text: BodyText>: BodySource {
  struct Part: Sendable {
    var count: Int
    /// Writes the element with that index.
    var write: @Sendable (Int, inout Text) -> Void
  }

  private let parts: [Part]
  private var text: Text
  private var (part, element) = (0, 0)

  init(_ text: Text, _ parts: [Part]) { (self.text, self.parts) = (text, parts.filter { $0.count > 0 }) }

  mutating func write(to piece: inout ByteBuffer, atLeast count: Int) -> Bool {
    while part < parts.count, text.count < count { write(parts[part], atLeast: count) }
    piece.writeBytes(text.bytes)
    text.clear()
    return part < parts.count
  }

  private mutating func write(_ current: Part, atLeast count: Int) {
    while element < current.count, text.count < count {
      current.write(element, &text)
      element += 1
    }
    if element == current.count { (part, element) = (part + 1, 0) }
  }
}

extension PartedBody.Part {
  /// A single element.
  init(_ write: @escaping @Sendable (inout Text) -> Void) { self.init(count: 1) { write(&$1) } }
}

/// A buffer for the text of a body.
protocol BodyText: Sendable {
  var bytes: [UInt8] { get }
  /// The number of bytes. Known without ``bytes``, whose references would be counted for each element.
  var count: Int { get }
  mutating func clear()
}

extension JSONWriter: BodyText {}
