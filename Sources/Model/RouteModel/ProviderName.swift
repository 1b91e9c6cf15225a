/// Where a route comes from: `file:` and the file's path relative to the agent's file, without its extension.
package struct ProviderName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let text: String
  package init(_ text: String) { self.text = text }
  package var description: String { text }

  /// Whether somebody wrote the routes down; others are read off guests, and give way to them.
  package var isFile: Bool { text.hasPrefix("file:") }
  package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
