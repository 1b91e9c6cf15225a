/// The name that a route answers to: a short alias (`plex`) or a fully qualified domain name (`plex.example.org`).
///
/// Aliases are host names, so two spellings that differ only in case are one alias (RFC 4343).
package struct RouteAlias: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The alias as written.
  package let text: String
  /// The alias in lower case, used for equality, order and lookups.
  package let folded: String

  /// Why a text is not a valid alias.
  package struct Invalid: Error, CustomStringConvertible {
    package let description: String
  }

  /// Accepts labels of letters, digits, `-` and `_`, separated by dots, up to 253 characters; a first label `*` is a
  /// wildcard.
  package init(_ text: String) throws(Invalid) {
    if text.isEmpty { throw Invalid(description: "an alias cannot be empty") }
    if text.utf8.count > 253 { throw Invalid(description: "alias '\(text.prefix(40))…' is longer than 253 characters") }
    for (position, label) in text.split(separator: ".", omittingEmptySubsequences: false).enumerated() {
      if position == 0, label == "*", text.utf8.count > 2 { continue }
      guard label.utf8.count <= 63 else {
        throw Invalid(
          description: "alias '\(text.prefix(40))…': '\(label.prefix(20))…' has \(label.utf8.count) characters, and no "
            + "part of a host name has more than 63: shorten it")
      }
      guard !label.isEmpty, label.utf8.allSatisfy(Self.isLabelByte) else {
        throw Invalid(
          description: "alias '\(text)' is not a host name: wanted labels of letters, digits, '-' and '_' between dots")
      }
    }
    self.text = text
    self.folded = HostName.fold(text)
  }

  /// An invalid alias: the name of a route that is excluded because of it, and that no request can match.
  package init(invalid text: String) {
    self.text = text
    folded = HostName.fold(text)
  }

  /// Whether the alias has only one label, so that it matches that name under any domain.
  package var isShort: Bool { !folded.utf8.contains(UInt8(ascii: ".")) }

  package var description: String { text }

  package static func == (left: Self, right: Self) -> Bool { left.folded == right.folded }
  package static func < (left: Self, right: Self) -> Bool { left.folded < right.folded }
  package func hash(into hasher: inout Hasher) { hasher.combine(folded) }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
