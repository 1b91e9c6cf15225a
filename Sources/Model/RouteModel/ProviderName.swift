/// The origin of a route: `file:` and the file's path relative to the configuration file, without its extension.
package struct ProviderName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let text: String
  package init(_ text: String) { self.text = text }
  package var description: String { text }

  /// Whether the routes come from a file; others are declared by guests, and have lower precedence.
  package var isFile: Bool { text.hasPrefix("file:") }
  package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
