/// A route's identity, given by its declaration and stable across changes of its link, pool and target.
package struct RouteID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var provider: ProviderName
  package var alias: RouteAlias
  /// The index among the declarations of one alias in one provider, from 0; duplicates are errors, but are not lost.
  package var ordinal: Int

  package init(provider: ProviderName, alias: RouteAlias, ordinal: Int = 0) {
    (self.provider, self.alias, self.ordinal) = (provider, alias, ordinal)
  }

  package var description: String {
    ordinal == 0 ? "\(provider):\(alias)" : "\(provider):\(alias)#\(ordinal + 1)"
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.ordinal == right.ordinal && left.alias == right.alias && left.provider.text == right.provider.text
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.alias, left.provider, left.ordinal) < (right.alias, right.provider, right.ordinal)
  }
}
