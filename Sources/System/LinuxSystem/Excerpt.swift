extension StringProtocol {
  /// The text for a message, truncated after `limit` characters, because a value may have megabytes.
  package func excerpt(_ limit: Int) -> String {
    let scalars = unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return String(self) }
    return String(String.UnicodeScalarView(scalars[..<end])) + "…"
  }

  /// An excerpt of the usual length for messages.
  package var excerpt: String { excerpt(200) }
}
