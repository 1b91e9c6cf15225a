/// A route's identity through every change of its link, pool and target: where it was declared.
///
/// Each route is named in many places; all of them share one box.
package struct RouteID: Hashable, Comparable, Sendable, CustomStringConvertible {
  private final class Name: Sendable {
    let provider: ProviderName
    let alias: RouteAlias
    let ordinal: Int32
    /// Of provider and alias: routes are found by their ids all the time.
    let mark: Int32

    init(provider: ProviderName, alias: RouteAlias, ordinal: Int) {
      (self.provider, self.alias, self.ordinal) = (provider, alias, Int32(clamping: ordinal))
      var hasher = Hasher()
      hasher.combine(alias)
      hasher.combine(provider)
      mark = Int32(truncatingIfNeeded: hasher.finalize())
    }
  }

  private let name: Name

  package init(provider: ProviderName, alias: RouteAlias, ordinal: Int = 0) {
    name = Name(provider: provider, alias: alias, ordinal: ordinal)
  }

  package var provider: ProviderName { name.provider }
  package var alias: RouteAlias { name.alias }
  /// Counts the declarations of one alias in one provider, from 0; more than one is an error, yet nothing is lost.
  package var ordinal: Int { Int(name.ordinal) }

  package var description: String {
    ordinal == 0 ? "\(provider):\(alias)" : "\(provider):\(alias)#\(ordinal + 1)"
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.name === right.name
      || left.name.mark == right.name.mark && left.ordinal == right.ordinal && left.alias == right.alias
        && left.provider.text == right.provider.text
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name.mark)
    hasher.combine(name.ordinal)
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.alias, left.provider, left.ordinal) < (right.alias, right.provider, right.ordinal)
  }
}

/// The origin of a route: `file:` and the file's path relative to the configuration file, without its extension.
package struct ProviderName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let text: String
  package init(_ text: String) { self.text = text }
  package var description: String { text }

  /// Whether the routes come from a file; others are declared by guests, and have lower precedence.
  package var isFile: Bool { text.hasPrefix("file:") }
  package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
